"""Observed, exact and predicted beginnings of one cube."""

from __future__ import annotations

import numpy as np
import xarray as xr
from made.reversing_cubes import BALANCES, reversing_cube
from made.turned import backwards

from layeratlas.papers.nfa import reversing


def test_all_three_are_by_balance_and_data_seed():
    found = reversing.correlations(reversing_cube(off=0.01))
    assert found["observed"].dims == ("balance", "draw_seed")
    assert list(found["balance"].values) == list(BALANCES)
    np.testing.assert_allclose(found["observed"], found["predicted"] + 0.01, rtol=1e-6)
    np.testing.assert_allclose(found["observed"], found["derivative"], rtol=1e-6)
    xr.testing.assert_allclose(reversing.correlations(backwards(reversing_cube(off=0.01))), found)


def test_a_lost_run_has_none():
    assert reversing.correlations(reversing_cube(status=1))["observed"].isnull().all()
