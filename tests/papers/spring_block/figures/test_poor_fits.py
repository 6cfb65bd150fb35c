"""A fit is poor that misses its curve by many tolerances."""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.papers.spring_block.figures.poor_fits import POOR, is_poor


def test_the_bound_is_in_tolerances_and_no_fit_is_not_poor():
    residual = np.array([0.99, 1.01, np.nan]) * POOR * 0.02
    fits = xr.Dataset({"residual": ("cell", residual), "tolerance": ("cell", np.full(3, 0.02))})
    assert is_poor(fits).values.tolist() == [False, True, False]
