"""Numbers that decide claims, with how many runs are behind them and what they are one by one.

Missing numbers never count in favour: a mean or an extreme of which any is missing is none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from layeratlas.cubes.population import count_runs

__all__ = ["Decided", "largest", "mean", "smallest", "told"]

#: Value, how many runs are behind it, and a note.
Decided = tuple[float, int, str]


# `of` are numbers of the runs behind, where values are no longer those of single runs.


def mean(values: xr.DataArray, note: str = "", *, of: Sequence[xr.DataArray] = ()) -> Decided:
    """The mean of all, with each of them where they are seeds."""
    seeds = told(values) if values.dims == ("seed",) else ""
    parts = "; ".join(filter(None, (seeds, note)))
    return float(values.mean(skipna=False)), count_runs(*(of or [values])), parts


def largest(values: xr.DataArray, note: str = "", *, of: Sequence[xr.DataArray] = ()) -> Decided:
    """The largest of all."""
    return float(values.max(skipna=False)), count_runs(*(of or [values])), note


def smallest(values: xr.DataArray, note: str = "", *, of: Sequence[xr.DataArray] = ()) -> Decided:
    """The smallest of all."""
    return float(values.min(skipna=False)), count_runs(*(of or [values])), note


def told(values: xr.DataArray) -> str:
    """Those of seeds that there are, as "seeds: 0.917, 0.920"."""
    known = values.values[np.isfinite(values.values)]
    return f"seeds: {', '.join(f'{value:.3f}' for value in known)}" if known.size else ""
