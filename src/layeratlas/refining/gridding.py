"""A cube of points on an even grid, with its error."""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.refining.results import Found

__all__ = ["to_grid"]


def to_grid(cube: xr.DataTree, steps: int | tuple[int, int] = 48) -> xr.Dataset:
    """The quantity of a cube of points on an even grid of its plane, (second axis, first axis).

    `value` is the mean of the posterior and `error` its standard deviation, seeds' noise and what
    lies between the points included (`layeratlas.refining.surface`); `standardised`, (value −
    level) / error, is between −band and band (an attribute) where the boundary may be. `steps`
    values along each axis, or along the first and the second; axes with `log` have even ratios. In
    the quantity's unit. LayerAtlasError where the cube is of a grid already.

    >>> cube = layeratlas.open_cube("results/laptop/cubes/boundary_dropout.zarr.zip")
    >>> to_grid(cube).value.plot()                                              # doctest: +SKIP
    """
    found = Found.of(cube)
    across, up = (steps, steps) if isinstance(steps, int) else steps
    x, y = np.linspace(0, 1, across), np.linspace(0, 1, up)
    places = np.stack([axis.ravel() for axis in np.meshgrid(x, y)], axis=1)
    value, error = (each.reshape(up, across) for each in found.surface.at(places))
    root, sides = cube.to_dataset(), (found.plane.x, found.plane.y)
    coordinates = {
        side.name: (side.name, [*map(side.unrounded, at)], dict(root[side.name].attrs))
        for side, at in zip(sides, (x.tolist(), y.tolist()), strict=True)
    }
    dims = (found.plane.y.name, found.plane.x.name)
    told = dict(cube["refined"]["mean"].attrs)
    level = found.boundary.level
    away = (value - level) / np.maximum(error, 1e-300)
    return xr.Dataset(
        {
            "value": (dims, value, {**told, "long_name": f"posterior of the {told['long_name']}"}),
            "error": (dims, error, {"long_name": "standard deviation of value", "units": "1"}),
            "standardised": (dims, away, {"long_name": "(value - level) / error", "units": "1"}),
        },
        coords=coordinates,
        attrs={"level": level, "band": found.boundary.band, "offset": found.boundary.offset},
    )
