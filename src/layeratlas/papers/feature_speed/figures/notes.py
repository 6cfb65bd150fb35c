"""What the notes under figures tell of their cubes."""

from __future__ import annotations

import xarray as xr

from layeratlas.papers.feature_speed.reductions import setting

__all__ = ["count", "finite_step"]


def count(n: int, what: str) -> str:
    """`1 draw`, `2 draws`."""
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def finite_step(cube: xr.DataTree) -> str:
    """Size of the step of a probe."""
    return f"{setting(cube, 'probe.step'):g}"
