"""The noise axis of a phase diagram: which way is more stochastic."""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.cubes.selecting import grid_axes
from layeratlas.errors import LayerAtlasError

#: Axes that set how stochastic training is, and whether a larger value means more noise.
NOISE_GROWS_WITH_VALUE = {
    "data_noise": True,
    "learning_rate": True,
    "dropout": True,
    "batch_size": False,
    "noise_strength": True,
}


def noise_axis(dataset: xr.DataTree | xr.Dataset | xr.DataArray) -> str:
    """The one axis of the grid that sets how stochastic the dynamics are."""
    found = [axis for axis in grid_axes(dataset) if axis in NOISE_GROWS_WITH_VALUE]
    if len(found) != 1:
        raise LayerAtlasError(
            f"expected one noise axis of {sorted(NOISE_GROWS_WITH_VALUE)} in the grid, "
            f"found {found or 'none'} among {list(grid_axes(dataset))}"
        )
    return found[0]


def noise_rank(coordinate: xr.DataArray) -> xr.DataArray:
    """Rank of each value of a noise axis: 0 is the least stochastic.

    A smaller batch is noisier; for data noise, dropout and learning rate a larger value is.
    """
    name = str(coordinate.name)
    if name not in NOISE_GROWS_WITH_VALUE:
        raise LayerAtlasError(f"{name!r} is no noise axis; one of {sorted(NOISE_GROWS_WITH_VALUE)}")
    values = coordinate.values if NOISE_GROWS_WITH_VALUE[name] else -coordinate.values
    rank = np.argsort(np.argsort(values))
    return coordinate.copy(data=rank).rename("noise_rank").assign_attrs(units="1")


def order_by_noise(array: xr.DataArray, *, noisiest_first: bool = False) -> xr.DataArray:
    """The array with its noise axis sorted from least to most stochastic (or the reverse)."""
    axis = noise_axis(array)
    order = np.argsort(noise_rank(array[axis]).values)
    return array.isel({axis: order[::-1] if noisiest_first else order})
