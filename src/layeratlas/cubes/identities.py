"""Do the runs of a cube stand where their ids say?

A cube keeps the settings of its experiment, says of every axis which settings it varies, and holds
the id of every run. An id is a hash of a run's settings, so what stands at a point can be told
again from the coordinates of that point.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import xarray as xr
from pydantic import ValidationError

from layeratlas.bounded.documents import parse_json
from layeratlas.config.axes import axes
from layeratlas.config.placing import Placement
from layeratlas.cubes.grid import VARIES, followers, grid_axes
from layeratlas.errors import LayerAtlasError
from layeratlas.kinds import KINDS, Kind
from layeratlas.runs.names import today
from layeratlas.runs.run import run_id
from layeratlas.words import listed


def misplaced_runs(cube: xr.DataTree) -> str | None:
    """What is wrong with the places of a cube's runs, in words; None where nothing is known to be.

    Nothing is known of a cube that does not tell its settings, of what is no cube, and of one of a
    version whose settings had other ids: there no run at all has the id that its place would give
    it today.
    """
    root = cube.to_dataset()
    varied = grid_axes(cube)
    if "settings" not in cube.attrs or "run_id" not in root or not varied:
        return None
    dims = (*varied, "seed")
    if root["run_id"].dims != dims or not all(VARIES in root[axis].attrs for axis in varied):
        return None
    try:
        settings = parse_json(str(cube.attrs["settings"]), "its attribute settings")
    except LayerAtlasError as error:
        return str(error)
    stored = root["run_id"].values
    for kind in KINDS.values():
        if not (isinstance(settings, dict) and kind.has_grid):
            continue
        if not _is_of(kind, settings, root, varied):
            continue
        expected = _expected(kind, settings, root, varied)
        if expected is None or not np.isin(stored[stored != ""], expected).any():
            continue
        wrong = (stored != expected) & (stored != "")
        if not wrong.any():
            return None
        places = zip(*np.nonzero(wrong), strict=True)
        named = (
            "(" + ", ".join(f"{dim} {root[dim].values[i]}" for dim, i in zip(dims, at, strict=True))
            + ")"
            for at in places
        )  # fmt: skip
        return f"runs that do not stand where their ids say: {listed(named)}"
    return None


def _is_of(
    kind: Kind, settings: Mapping[str, Any], root: xr.Dataset, varied: tuple[str, ...]
) -> bool:
    """Whether the axes of a cube are axes of a kind, and vary the same settings."""
    names = (*varied, *followers(root))
    known = axes(kind, settings, names)
    return all(
        name in known
        and root[name].attrs.get(VARIES) == " ".join(".".join(path) for path in known[name].paths)
        for name in names
    )


def _expected(
    kind: Kind, settings: Mapping[str, Any], root: xr.Dataset, varied: tuple[str, ...]
) -> np.ndarray | None:
    """Ids of the runs of an experiment at every place of a cube; None where it is none of today."""
    values = {axis: [_value(kind, axis, one) for one in root[axis].values] for axis in varied}
    along: dict[str, dict[str, dict[Any, Any]]] = {}
    for name, axis in followers(root).items():
        own = [_value(kind, name, one) for one in root[name].values]
        along.setdefault(axis, {})[name] = dict(zip(values[axis], own, strict=True))
    seeds = root["seed"].values.tolist()
    try:
        placement = Placement(kind, today(settings), values, along)
        ids = [
            run_id({**plain, "seed": seed})
            for plain in _plain(kind, placement, values)
            for seed in seeds
        ]
    except (ValidationError, LayerAtlasError, TypeError, KeyError, ValueError):
        return None
    shape = (*map(len, values.values()), len(seeds))
    return np.array(ids, dtype=object).reshape(shape)


def _plain(
    kind: Kind, placement: Placement, values: Mapping[str, list[Any]]
) -> Iterator[dict[str, Any]]:
    for point in itertools.product(*values.values()):
        run = kind.settings.model_validate(
            today(placement.at(dict(zip(values, point, strict=True))))
        )
        yield run.canonical()


def _value(kind: Kind, axis: str, label: Any) -> Any:
    """The value that a coordinate stands for; text among numbers made text of all (`labels`)."""
    if not isinstance(label, str):
        return label.item()
    try:
        value = json.loads(label)
    except (ValueError, RecursionError):
        return label
    # A setting that is named `null` or `100` there is none.
    return value if value is None or isinstance(value, int | float) else label
