"""Statistics against their definitions."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp

from layeratlas.cubes.statistics import spearman


@given(hnp.arrays(np.float64, (2, 6), elements=st.integers(0, 4)))
@settings(deadline=None, max_examples=30)
def test_spearman_is_pearson_of_average_ranks(values):
    def ranks(x):
        return np.array([(x < value).sum() + ((x == value).sum() - 1) / 2 for value in x])

    a, b = (xr.DataArray(row, dims="cell") for row in values)
    if np.ptp(values[0]) == 0 or np.ptp(values[1]) == 0:
        assert np.isnan(spearman(a, b, "cell"))
    else:
        expected = np.corrcoef(ranks(values[0]), ranks(values[1]))[0, 1]
        assert float(spearman(a, b, "cell")) == pytest.approx(expected, abs=1e-9)


def test_spearman_over_two_dims_pairs_cells_by_name():
    a = xr.DataArray(np.arange(6.0).reshape(2, 3), dims=("x", "y"))
    assert float(spearman(a, a.T, ("x", "y"))) == pytest.approx(1.0)
    assert np.isnan(spearman(a.where(a != 2), a, ("x", "y")))
