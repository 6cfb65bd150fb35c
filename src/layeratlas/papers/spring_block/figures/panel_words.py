"""What diagrams of cells tell of themselves under a figure, panel by panel."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr


def told_by_letter(values: Mapping[str, str]) -> str:
    """As "a 0.012, c 0.009"."""
    return ", ".join(f"{letter}\u00a0{value}" for letter, value in values.items())


def spread_told(runs: xr.DataArray, digits: int = 3) -> str:
    """The standard deviation over seeds of the cells of `runs` (…, seed): as "0.012 (0.034)", the
    median and in brackets the worst cell; "" where no cell has two seeds."""
    if runs.sizes["seed"] < 2:
        return ""
    spread = runs.std("seed", ddof=1).values
    known = spread[np.isfinite(spread)]
    if not known.size:
        return ""
    return f"{np.median(known):.{digits}f}\u00a0({known.max():.{digits}f})"
