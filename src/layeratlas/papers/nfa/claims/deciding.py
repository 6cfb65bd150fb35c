"""Numbers that decide claims, with how many are behind them and what they are one by one.

Missing numbers never count in favour: a mean or an extreme of which any is missing is none.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

__all__ = ["Decided", "largest", "mean", "smallest", "told"]

#: Value, how many numbers are behind it, and a note.
Decided = tuple[float, int, str]


def mean(values: xr.DataArray, note: str = "") -> Decided:
    """The mean of all, with each of them where they are seeds."""
    seeds = told(values) if values.dims == ("seed",) else ""
    parts = "; ".join(filter(None, (seeds, note)))
    return float(values.mean(skipna=False)), values.size, parts


def largest(values: xr.DataArray, note: str = "") -> Decided:
    """The largest of all."""
    return float(values.max(skipna=False)), values.size, note


def smallest(values: xr.DataArray, note: str = "") -> Decided:
    """The smallest of all."""
    return float(values.min(skipna=False)), values.size, note


def told(values: xr.DataArray) -> str:
    """Those of seeds that there are, as "seeds: 0.917, 0.920"."""
    known = values.values[np.isfinite(values.values)]
    return f"seeds: {', '.join(f'{value:.3f}' for value in known)}" if known.size else ""
