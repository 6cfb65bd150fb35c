"""Queries, keys and values of a decoder: their names, scales of initial weights, and losses."""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.cubes import selecting
from layeratlas.cubes.told import told_setting
from layeratlas.papers.nfa import curves

__all__ = [
    "EXPERIMENT",
    "PROJECTIONS",
    "SCALE",
    "projections",
    "scale_shown",
    "text_of",
    "yardsticks",
]

EXPERIMENT = "nfa_gpt"
#: The parts of a block's attention, in the order of Fig. 2D's columns.
PROJECTIONS = ("query", "key", "value")
#: The gain of initial weights that is shown: the frameworks' default.
SCALE = 1.0
_TEXTS = {"tiny_shakespeare": "tiny Shakespeare"}


def scale_shown(cube: xr.DataTree) -> float:
    """`SCALE`, or the nearest that the cube has."""
    known = cube["/"].to_dataset()["init_gain"].values.astype(float)
    return float(known[np.abs(np.log(known / SCALE)).argmin()])


def projections(cube: xr.DataTree, variable: str, scale: float | None = None) -> xr.DataArray:
    """A variable of every projection, (seed, record, block, projection), blocks from 1."""
    found = curves.curve(cube, variable)
    gain = scale_shown(cube) if scale is None else scale
    found = found.sel(init_gain=gain, method="nearest", drop=True)
    parts = [str(name).split(".") for name in found["layer_name"].values]
    blocks = sorted({int(part[1]) for part in parts})
    place = {(int(part[1]), part[-1]): at for at, part in enumerate(parts)}
    plain = found.drop_vars(["layer", "layer_name"])
    order = xr.DataArray(
        [[place[block, name] for name in PROJECTIONS] for block in blocks],
        dims=("block", "projection"),
        coords={"block": [b + 1 for b in blocks], "projection": list(PROJECTIONS)},
    )
    return plain.isel(layer=order).transpose("seed", ..., "block", "projection")


def text_of(cube: xr.DataTree) -> str:
    """The text that was learnt, in print: of the registry by its name, else its file."""
    source = str(told_setting(cube, "dataset.source", default="unstated text"))
    if source in _TEXTS:
        return _TEXTS[source]
    return str(told_setting(cube, "dataset.path", default=source)).rpartition("/")[2]


def yardsticks(cube: xr.DataTree) -> dict[str, float]:
    """Test losses of predictions from counts, in nats a character: `unigram` and `bigram`."""
    root = selecting.node_of(cube, "/")
    return {name: float(root[f"{name}_loss"].max()) for name in ("unigram", "bigram")}
