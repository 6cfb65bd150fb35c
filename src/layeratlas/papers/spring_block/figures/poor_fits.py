"""Where no chain of the library comes close to a network."""

from __future__ import annotations

import xarray as xr

#: A fit is poor where it misses the curve by more than this many tolerances.
POOR = 3.0


def is_poor(fits: xr.Dataset) -> xr.DataArray:
    """Whether each fit is poor; no fit is not poor."""
    return fits["residual"] > POOR * fits["tolerance"]
