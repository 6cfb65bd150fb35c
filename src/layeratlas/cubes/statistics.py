"""Statistics over the cells of a cube."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable

import numpy as np
import xarray as xr


def mean_over(array: xr.DataArray, dims: str | Collection[str]) -> xr.DataArray:
    """Mean over `dims` of the values that are finite; NaN where none is.

    Keeps the attributes; `comment` says over how many values of how many each mean is.
    """
    over = [dims] if isinstance(dims, str) else list(dims)
    known = counted(array, over)
    mean = array.where(np.isfinite(array)).mean(over, skipna=True, keep_attrs=True)
    return mean.assign_attrs(comment=f"mean over {count_told(known, places(array, over))}")


def counted(array: xr.DataArray, dims: Iterable[str]) -> xr.DataArray:
    """How many values along `dims` are finite."""
    return xr.DataArray(np.isfinite(array)).sum(list(dims))


def places(array: xr.DataArray, dims: Iterable[str]) -> int:
    """How many values along `dims` there are, finite or not."""
    return math.prod(array.sizes[dim] for dim in dims)


def count_told(known: xr.DataArray, of: int) -> str:
    """As "6 values", or, where some are missing, "4 to 6 of 6 values"; 0 counts, too."""
    least, most = (int(known.min()), int(known.max())) if known.size else (0, 0)
    what = "value" if of == 1 else "values"
    if least == most:
        return f"{most} {what}" if most == of else f"{most} of {of} {what}"
    return f"{least} to {most} of {of} {what}"


def spearman(a: xr.DataArray, b: xr.DataArray, dim: str | Iterable[str]) -> xr.DataArray:
    """Spearman's rank correlation of `a` and `b` over one or several dims (scipy, ties averaged).

    NaN where either has a missing value or is constant.
    """
    dims = [dim] if isinstance(dim, str) else list(dim)
    a, b = xr.broadcast(*xr.align(a, b, join="exact"))

    def of_vectors(x: np.ndarray, y: np.ndarray) -> float:
        from scipy import stats

        x, y = x.ravel(), y.ravel()
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            return np.nan
        if np.ptp(x) == 0 or np.ptp(y) == 0:
            return np.nan
        return float(stats.spearmanr(x, y).statistic)

    result = xr.apply_ufunc(
        of_vectors,
        a,
        b,
        input_core_dims=[dims, dims],
        vectorize=True,
        output_dtypes=[float],
    )
    return result.rename("spearman").assign_attrs(long_name="Spearman correlation", units="1")
