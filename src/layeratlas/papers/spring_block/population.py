"""How many runs are behind the numbers of a cube, and how many are lost."""

from __future__ import annotations

import xarray as xr

from layeratlas.cubes.selecting import STATUS_OK


def seeds(cube: xr.DataTree) -> int:
    """Runs a cell."""
    return cube["/"].sizes["seed"]


def runs(cube: xr.DataTree) -> int:
    """Runs of the whole grid."""
    return cube["/"].to_dataset()["status"].size


def lost_runs(cube: xr.DataTree) -> int:
    """Runs that diverged or are missing: no mean counts them."""
    return int((cube["/"].to_dataset()["status"] != STATUS_OK).sum())


def lost_told(cube: xr.DataTree) -> str:
    """As "3 of 36 runs diverged or missing", or nothing."""
    lost = lost_runs(cube)
    return f"{lost} of {runs(cube)} runs diverged or missing" if lost else ""
