"""Statistics over the cells of a cube."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import xarray as xr


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
