"""Statistics against their definitions."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp

from layeratlas.cubes.statistics import count_told, counted, mean_over, places, spearman


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


def test_spearman_sees_ranks_and_not_values():
    x = xr.DataArray(np.arange(6.0), dims="cell")
    assert float(spearman(x, np.exp(x), "cell")) == pytest.approx(1.0, abs=1e-12)


def test_spearman_over_two_dims_pairs_cells_by_name():
    a = xr.DataArray(np.arange(6.0).reshape(2, 3), dims=("x", "y"))
    assert float(spearman(a, a.T, ("x", "y"))) == pytest.approx(1.0)
    assert np.isnan(spearman(a.where(a != 2), a, ("x", "y")))


holes = hnp.arrays(
    np.float64,
    (2, 3, 4),
    elements=st.floats(-9, 9, width=16) | st.sampled_from([np.nan, np.inf, -np.inf]),
)


@given(holes)
@settings(deadline=None, max_examples=50)
def test_a_mean_counts_what_is_finite_and_says_so(values):
    array = xr.DataArray(values, dims=("dropout", "rate", "seed"), attrs={"units": "percent"})
    mean = mean_over(array, ["rate", "seed"])
    counts = []
    for got, cell in zip(mean.values, values, strict=True):
        finite = [v for v in cell.ravel() if np.isfinite(v)]
        counts.append(len(finite))
        expected = sum(finite) / len(finite) if finite else np.nan
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)
    assert counted(array, ["rate", "seed"]).values.tolist() == counts
    assert places(array, ["rate", "seed"]) == 12
    assert mean.attrs["units"] == "percent"
    told = mean.attrs["comment"].removeprefix("mean over ")
    assert told == count_told(xr.DataArray(counts), 12)


@pytest.mark.parametrize(
    ("counts", "of", "told"),
    [
        ([6, 6], 6, "6 values"),
        ([1], 1, "1 value"),
        ([5, 5], 6, "5 of 6 values"),
        ([4, 6], 6, "4 to 6 of 6 values"),
        ([0, 1], 1, "0 to 1 of 1 value"),
        ([], 3, "0 of 3 values"),
    ],
)
def test_how_many_of_how_many_in_words(counts, of, told):
    assert count_told(xr.DataArray(counts), of) == told
