"""A cube of chains: what the experiment states of its chain, and its curves."""

from __future__ import annotations

from typing import Any

import xarray as xr

from layeratlas.cubes.told import told_setting
from layeratlas.papers.spring_block.load_curves import load_curve, runs_behind


def chain_settings(cube: xr.DataTree) -> dict[str, Any]:
    """Settings of the chain that the experiment states: length, stiffness, friction, …"""
    return told_setting(cube, "chain")


def chain_curves(
    cube: xr.DataTree, variable: str = "spring_separation", **choice: Any
) -> xr.DataArray:
    """D_l = y − x_l, the distance of block l to the target, in double precision and in memory.

    (…, layer); friction and noise ascend, whatever the order in the cube. `variable` may be
    "spring_velocity", the v_l of second-order chains; `choice` as of `load_curve`.
    """
    return _ascending(load_curve(cube, variable=variable, **choice).astype("float64").compute())


def chain_runs(cube: xr.DataTree) -> xr.DataArray:
    """How many chains are behind each of `chain_curves`, (…), in the same order."""
    return _ascending(runs_behind(cube, variable="spring_separation").compute())


def _ascending(array: xr.DataArray) -> xr.DataArray:
    return array.sortby([a for a in ("friction_right", "noise_strength") if a in array.dims])
