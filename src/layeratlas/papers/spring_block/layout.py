"""Arrays laid out as a diagram or a row of one, whatever the order in which a cube stores them."""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr

from layeratlas.cubes.selecting import grid_axes
from layeratlas.errors import LayerAtlasError
from layeratlas.papers.spring_block.noise import NOISE_GROWS_WITH_VALUE, noise_axis, order_by_noise


def diagram(array: xr.DataArray, *, noisiest_first: bool = False) -> xr.DataArray:
    """(noise axis, negative_slope, …), least stochastic and ReLU first, in memory.

    `noisiest_first` turns the noise axis, as the paper draws it. A grid may have more axes than
    the paper's two if each has a single value; LayerAtlasError otherwise.
    """
    noise = noise_axis(array)
    needed = f"negative_slope and one of {sorted(NOISE_GROWS_WITH_VALUE)}"
    array = _with_axes(array, (noise, "negative_slope"), "a phase diagram", needed)
    array = order_by_noise(array, noisiest_first=noisiest_first).sortby("negative_slope")
    # Read once: a cube opened from its file would be read again for every cell.
    return array.transpose(noise, "negative_slope", ...).compute()


def dropout_row(array: xr.DataArray) -> xr.DataArray:
    """(dropout, …), rates ascending, in double precision and in memory; errors as of `diagram`."""
    array = _with_axes(array, ("dropout",), "a row of dropout rates", "dropout")
    return array.sortby("dropout").transpose("dropout", ...).astype("float64").compute()


def _with_axes(array: xr.DataArray, axes: Sequence[str], what: str, needed: str) -> xr.DataArray:
    """The array without the grid axes that are not asked for and have one value each."""
    extra = [axis for axis in grid_axes(array) if axis not in axes]
    long = [axis for axis in extra if array.sizes[axis] > 1]
    if long or not set(axes) <= set(array.dims):
        plural = "axes" if len(axes) > 1 else "axis"
        raise LayerAtlasError(
            f"{what} needs the grid {plural} {needed}; select one value of {long or extra}"
        )
    return array.squeeze(extra, drop=True)
