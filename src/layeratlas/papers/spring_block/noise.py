"""The noise axis of a phase diagram, of which it has one."""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.cubes.noise import NOISE_GROWS_WITH_VALUE, noise_rank
from layeratlas.errors import LayerAtlasError

__all__ = ["NOISE_GROWS_WITH_VALUE", "noise_axis", "noise_rank", "order_by_noise"]


def noise_axis(dataset: xr.DataTree | xr.Dataset | xr.DataArray) -> str:
    """The one dimension that sets how stochastic the dynamics are; LayerAtlasError unless one."""
    if isinstance(dataset, xr.DataTree):
        dataset = dataset.root.to_dataset()
    found = [str(dim) for dim in dataset.sizes if dim in NOISE_GROWS_WITH_VALUE]
    if len(found) != 1:
        raise LayerAtlasError(
            f"expected one noise axis of {sorted(NOISE_GROWS_WITH_VALUE)} in the grid, "
            f"found {found or 'none'} among {[str(dim) for dim in dataset.sizes]}"
        )
    return found[0]


def order_by_noise(array: xr.DataArray, *, noisiest_first: bool = False) -> xr.DataArray:
    """The array with its noise axis sorted from least to most stochastic (or the reverse)."""
    axis = noise_axis(array)
    order = np.argsort(noise_rank(array[axis]).values)
    return array.isel({axis: order[::-1] if noisiest_first else order})
