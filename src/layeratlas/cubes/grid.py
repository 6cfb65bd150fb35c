"""Which dimensions of a cube are axes of its experiment's grid: the cube says so itself."""

from __future__ import annotations

from collections.abc import Hashable

import xarray as xr

#: Attribute of a coordinate: the settings that its values are written to, `model.dropout`, one
#: after the other. A dimension whose coordinate has it is an axis of the grid; no other one is.
VARIES = "varies"

#: Attribute of a coordinate along an axis: the axis whose values its own follow.
FOLLOWS = "follows"

#: Node of a cube of points: what is made of all its runs together, which no single run has.
REFINED = "refined"


def followers(dataset: xr.DataTree | xr.Dataset) -> dict[str, str]:
    """Coordinates that follow an axis of a cube's grid (`along` of its experiment): name → axis."""
    if isinstance(dataset, xr.DataTree):
        dataset = dataset.root.to_dataset()
    return {
        str(name): str(coordinate.attrs[FOLLOWS])
        for name, coordinate in dataset.coords.items()
        if coordinate.attrs.get(FOLLOWS) in dataset.dims
    }


def grid_axes(dataset: xr.DataTree | xr.Dataset | xr.DataArray) -> tuple[str, ...]:
    """Names of the grid axes, in their order: of a cube, or those left of one in a reduced array.

    A cube lists them in its attribute `axes`, and each of their coordinates says which settings it
    `varies`, also in what is selected or computed from the cube; no other dimension is an axis,
    whatever it is called. Where nothing is marked (a group opened alone, a cube of an earlier
    version) the axes are the dims before `seed`, none where there is no `seed`.
    """
    if isinstance(dataset, xr.DataTree):
        dataset = dataset.root.to_dataset()
    dims = dataset.dims if isinstance(dataset, xr.DataArray) else dataset.sizes
    if listed := dataset.attrs.get("axes"):
        return tuple(axis for axis in listed.split() if axis in dims)
    marked = [dim for dim in dims if dim in dataset.coords and VARIES in dataset[dim].attrs]
    return tuple(map(str, marked or _before_seed(dataset)))


def _before_seed(dataset: xr.Dataset | xr.DataArray) -> list[Hashable]:
    """Every variable of a cube is (grid axes, seed, …); a root without any has these alone."""
    if isinstance(dataset, xr.DataArray):
        variables = [dataset]
    elif "status" in dataset:
        variables = [dataset["status"]]
    else:
        variables = list(dataset.data_vars.values())
    if not variables:
        return [dim for dim in dataset.sizes if dim != "seed"]
    dims = next((variable.dims for variable in variables if "seed" in variable.dims), ())
    return list(dims[: dims.index("seed")]) if dims else []
