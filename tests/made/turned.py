"""Cubes turned and changed: axes stored backwards, labels exchanged, one variable another."""

from __future__ import annotations

from collections.abc import Callable

import xarray as xr


def backwards(cube: xr.DataTree) -> xr.DataTree:
    """The same cube with every numeric axis of its grid stored in the opposite order."""
    root = cube["/"].to_dataset()
    numeric = [dim for dim in root.dims if dim in root.indexes and root[dim].dtype.kind in "iuf"]
    nodes = {}
    for node in cube.subtree:
        dataset = node.to_dataset()
        nodes[node.path] = dataset.isel(
            {dim: slice(None, None, -1) for dim in numeric if dim in dataset.dims}
        )
    turned = xr.DataTree.from_dict(nodes)
    turned.attrs = cube.attrs
    return turned


def changed(
    cube: xr.DataTree, node: str, name: str, change: Callable[[xr.DataArray], xr.DataArray]
) -> xr.DataTree:
    """A copy of a cube with one variable changed."""
    nodes = {n.path: n.to_dataset(inherit=False).copy(deep=True) for n in cube.subtree}
    whole = cube[node].to_dataset()[name]
    nodes[node][name] = change(whole).transpose(*whole.dims).variable
    return xr.DataTree.from_dict(nodes)


def mislabelled(axis: str) -> Callable[[xr.DataArray], xr.DataArray]:
    """The values of an axis in the opposite order, its coordinate as it was."""
    return lambda v: v.copy(data=v.isel({axis: slice(None, None, -1)}).values)
