"""Which published experiment a cube is, if any: its settings against those of the paper.

A figure may carry the name of a published experiment only if nothing that determines its numbers
departs from it. Everything is read from the attributes of the cube; settings that it leaves out
have the engine's defaults.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from pydantic import ValidationError

from layeratlas.config.axes import AXES
from layeratlas.cubes.grid import VARIES, followers, grid_axes
from layeratlas.cubes.told import told
from layeratlas.errors import ConfigError
from layeratlas.kinds.training import TrainingRun
from layeratlas.runs.names import today


@dataclass(frozen=True)
class Published:
    """An experiment as its authors ran it: fixed settings, grid and number of seeds."""

    name: str
    settings: Mapping[str, Any]
    grid: Mapping[str, Sequence[float]]
    seeds: int


def settings(cube: xr.DataTree) -> dict[str, Any]:
    """All settings of a training cube by dotted name, defaults filled in.

    Where an axis of the grid varies a setting, the value here is that of its base. Empty where
    the cube does not say what it was trained on.
    """
    given = today(told(cube, "settings"))
    try:
        data = {**given.get("dataset", {}), **told(cube, "dataset")}
        # A prepared data set has its static noise in it; asking for it again is refused.
        static = {name: data.pop(name, 0) for name in ("static_label_noise", "static_input_noise")}
        run = TrainingRun.model_validate({**given, "dataset": data}).canonical()
    except (ValidationError, TypeError, ConfigError):
        return {}  # of other settings than ours, or with a module that is not here
    run.pop("seed")
    run["dataset"] |= {name: value for name, value in static.items() if value}
    return _flat(run)


def departures(cube: xr.DataTree, published: Published) -> list[str]:
    """Settings and axes in which a cube is not the published experiment; none if it is.

    A cube that does not tell its settings departs in all of them. More seeds than published are
    no departure.
    """
    root = cube["/"].to_dataset()
    varied = grid_axes(cube)
    replaced = {name for axis in varied for name in _settings_of(root[axis])}
    run = TrainingRun.model_validate(published.settings).canonical()
    run.pop("seed")
    mine, theirs = settings(cube), _flat(run)
    # Published grids are products: what follows an axis of this one is otherwise than published.
    follow = {name for each in followers(root) for name in _settings_of(root[each])}
    found = [
        name
        for name in dict.fromkeys((*theirs, *mine))
        if name not in replaced | follow and mine.get(name, ...) != theirs.get(name, ...)
    ]
    for axis in dict.fromkeys((*published.grid, *varied)):
        wanted = sorted(published.grid.get(axis, ()))
        values = sorted(root[axis].values.tolist()) if axis in varied else []
        if len(values) != len(wanted) or not np.allclose(values, wanted, rtol=1e-6, atol=0):
            found.append(axis)
    found += sorted(follow)
    if root.sizes.get("seed", 1) < published.seeds:
        found.append("seeds")
    return found


def _settings_of(axis: xr.DataArray) -> list[str]:
    """The settings that an axis varies, by dotted name."""
    if VARIES in axis.attrs:
        return axis.attrs[VARIES].split()
    # A cube of an earlier version does not say; only axes of the table were there then.
    known = AXES.get(str(axis.name))
    return [".".join(path) for path in known.paths] if known else []


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat
