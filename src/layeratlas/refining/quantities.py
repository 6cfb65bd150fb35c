"""Numbers of a cell or a run that any experiment has; and any quantity, of a cube of points."""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.cubes.selecting import STATUS_OK, accuracy, node_of, variable_of
from layeratlas.errors import LayerAtlasError
from layeratlas.runs.status import MISSING
from layeratlas.tables import resolve
from layeratlas.words import listed, quoted

__all__ = ["lost", "test_accuracy", "values_of"]


def test_accuracy(cube: xr.DataTree) -> xr.DataArray:
    """Fraction of test images that each run classifies rightly at the end; NaN of lost runs."""
    return (accuracy(cube) / 100.0).assign_attrs(units="1")


def lost(cube: xr.DataTree) -> xr.DataArray:
    """1 of a run that did not end well, 0 of one that did; NaN where none was asked for."""
    status = variable_of(node_of(cube, "/"), "status")
    return (status != STATUS_OK).astype("float64").where(status != MISSING)


def values_of(cube: xr.DataTree, reference: str, name: str) -> xr.DataArray:
    """What the function `reference` gives of every run of a cube, float64 (point, seed).

    A number of each point, without `seed`, counts as one of its first seed. LayerAtlasError where
    the function gives anything else.
    """
    given = resolve(reference)(cube)
    if not isinstance(given, xr.DataArray):
        raise LayerAtlasError(
            f"refine.of: {quoted(name)} gave {type(given).__name__}; it must give an xarray "
            "DataArray, a number of each run or point"
        )
    if "point" not in given.dims or not set(given.dims) <= {"point", "seed"}:
        raise LayerAtlasError(
            f"refine.of: {quoted(name)} gave an array over "
            f"{listed(map(str, given.dims)) or 'nothing'}; it must be over point, or point and "
            "seed: a number of each"
        )
    values = given.astype("float64")
    values = values.where(np.isfinite(values))
    if "seed" not in values.dims:
        first = xr.DataArray(
            np.arange(cube.sizes["seed"]) == 0, dims="seed", coords={"seed": cube["seed"]}
        )
        values = values.where(first)
    return values.transpose("point", "seed").reset_coords(drop=True)
