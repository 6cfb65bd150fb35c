"""Runs taken out of a cube, to be put into another one: the way back from a grid to runs."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import xarray as xr

from layeratlas.cubes.assembling import NAMES
from layeratlas.cubes.grid import REFINED, grid_axes
from layeratlas.runs.status import MISSING

__all__ = ["has_plain_layers", "run_ids", "runs_of_cube"]

_RUN = "run"


def run_ids(cube: xr.DataTree) -> frozenset[str]:
    """Ids of the runs that a cube has results of, whatever became of them."""
    root = cube.to_dataset()
    there = root["run_id"].values[root["status"].values != MISSING]
    return frozenset(str(run) for run in there.ravel())


def has_plain_layers(cube: xr.DataTree) -> bool:
    """Whether all networks of a cube have the same layers, so that runs can be taken out of it."""
    return not any(
        set(node.to_dataset(inherit=False)[name].dims) & {*grid_axes(cube), "seed"}
        for node in cube.subtree
        for name in NAMES
        if name in node.coords
    )


def runs_of_cube(cube: xr.DataTree, wanted: Collection[str]) -> xr.DataTree:
    """The runs of a cube that are wanted, as a shard's measurements: every variable over `run`.

    What `cubes.assembling.assemble` takes. Runs without results are left out; one that stands at
    several places of the grid is taken once.
    """
    root = cube.to_dataset()
    dims = [*grid_axes(cube), "seed"]
    ids = root["run_id"].stack({_RUN: dims}).values
    there = root["status"].stack({_RUN: dims}).values != MISSING
    kept = [i for i, run in enumerate(ids) if there[i] and run in wanted]
    _, first = np.unique(ids[kept], return_index=True)
    kept = [kept[i] for i in np.sort(first)]
    nodes = {}
    for node in cube.subtree:
        if node.name == REFINED:
            continue
        own = node.to_dataset(inherit=True)
        own = own[[name for name in node.data_vars if set(dims) <= set(own[name].dims)]]
        flat = own.stack({_RUN: dims}).isel({_RUN: kept}).drop_vars([_RUN, *dims])
        gone = [name for name in flat.coords if _RUN in flat[name].dims]
        flat = flat.drop_vars(gone)
        nodes[node.path] = flat.transpose(_RUN, ...)
    return xr.DataTree.from_dict(nodes)
