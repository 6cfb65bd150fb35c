"""Reductions of cubes that come with the project (`layeratlas.kinds.reduction.REDUCTIONS`)."""

from __future__ import annotations

from collections.abc import Mapping

import xarray as xr

from layeratlas.errors import StoreError
from layeratlas.words import listed


def difference(cubes: Mapping[str, xr.DataTree]) -> xr.DataTree:
    """The first cube less the second: every float variable that both have, node by node.

    At the coordinates that both have (an inner join), so that grids may differ; NaN where either
    is. StoreError where there are not two cubes, or where they share nothing.
    """
    if len(cubes) != 2:
        raise StoreError(f"reduction 'difference' is of two cubes, got {listed(cubes)}")
    first, second = cubes.values()
    nodes = {}
    for node in first.subtree:
        if node.path not in second.groups:
            continue
        one, other = node.to_dataset(), second[node.path].to_dataset()
        names = [
            name
            for name, variable in one.data_vars.items()
            if variable.dtype.kind == "f" and name in other.data_vars
        ]
        if not names:
            continue
        left = xr.align(one[names], other[names], join="inner")
        made = left[0] - left[1]
        for name in names:
            told = one[name].attrs
            made[name].attrs = {**told, "long_name": f"difference of {told.get('long_name', name)}"}
        nodes[node.path] = made
    if not any(node.sizes and all(node.sizes.values()) for node in nodes.values()):
        raise StoreError(f"reduction 'difference': {' and '.join(cubes)} share no numbers")
    return xr.DataTree.from_dict(nodes)
