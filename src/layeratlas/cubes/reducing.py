"""Reducing several cubes to one: what a function makes of them, as a cube that says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import xarray as xr

from layeratlas.cubes.attributes import cube_attributes
from layeratlas.errors import StoreError
from layeratlas.words import quoted

Cubes = Mapping[str, xr.DataTree]
Reducing = Callable[..., "xr.DataTree | xr.Dataset | xr.DataArray"]


def reduce_cubes(function: Reducing, cubes: Cubes, description: Mapping[str, Any]) -> xr.DataTree:
    """The cube that `function(cubes, **settings)` makes, with what it says of itself.

    `description` is of the experiment, as `config.expansion.describe` gives it; the function gets
    the cubes by name of experiment, in the order of `reduction.of`, and the settings of its own. It
    gives a tree, a dataset or a named array. StoreError for anything else, for an array without a
    name, and for a variable with a dimension of length 0.
    """
    asked = description["settings"]["reduction"]
    made = function(cubes, **asked.get("settings", {}))
    tree = _tree(made, asked["function"])
    for node in tree.subtree:
        for name, variable in node.to_dataset(inherit=False).variables.items():
            if 0 in variable.shape:
                raise StoreError(
                    f"reduction {quoted(asked['function'])}: variable {quoted(name)} has a "
                    "dimension of length 0"
                )
    own = {"reduced_from": " ".join(asked["of"])}
    tree.attrs = {**tree.attrs, **cube_attributes(description, own)}
    return tree


def _tree(made: Any, function: str) -> xr.DataTree:
    if isinstance(made, xr.DataArray) and made.name is not None:
        made = made.to_dataset()
    if isinstance(made, xr.Dataset):
        return xr.DataTree(made)
    if isinstance(made, xr.DataTree):
        return made.copy()
    what = "an array without a name" if isinstance(made, xr.DataArray) else type(made).__name__
    raise StoreError(
        f"reduction {quoted(function)} gave {what}; it must give an xarray Dataset, DataTree, or "
        "DataArray with a name"
    )
