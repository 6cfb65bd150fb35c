"""Runs and their mean are those of the array, drawn the same every time."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from made.readable import drawn

from layeratlas.figures import style
from layeratlas.figures.runs import each_run, mean_and_spread

values = hnp.arrays(
    np.float64,
    st.tuples(st.integers(2, 5), st.integers(2, 6)),
    elements=st.floats(-10, 10, allow_nan=False, width=16),
)


def runs(array) -> xr.DataArray:
    seeds, layers = np.shape(array)
    coords = {"seed": np.arange(1, seeds + 1), "layer": np.arange(layers), "dropout": 0.1}
    return xr.DataArray(array, dims=("seed", "layer"), coords=coords)


def axes():
    return style.new_figure(style.COLUMN, 2).subplots()


@settings(max_examples=15, deadline=None)
@given(values)
def test_each_run_is_a_line(array):
    place = axes()
    each_run(place, runs(array), "layer", color="red", gid="runs")
    assert [line.get_gid() for line in place.lines] == ["runs"] * len(array)
    for line, run in zip(place.lines, array, strict=True):
        np.testing.assert_array_equal(line.get_xdata(), np.arange(len(run)))
        np.testing.assert_array_equal(line.get_ydata(), run)


@settings(max_examples=15, deadline=None)
@given(values)
def test_mean_and_sample_standard_deviation(array):
    place = axes()
    mean_and_spread(place, runs(array), "layer", color="red", marker="o", lw=0.8, label="mean")
    (line,) = (line for line in place.lines if line.get_label() == "mean")
    np.testing.assert_allclose(line.get_ydata(), array.mean(axis=0), atol=1e-12)
    assert line.get_linestyle() == "None"
    (bars,) = place.containers
    ends = np.array(bars.lines[2][0].get_segments())[:, :, 1]
    half = array.std(axis=0, ddof=1)
    np.testing.assert_allclose(np.ptp(ends, axis=1) / 2, half, atol=1e-9)


def test_lost_runs_leave_no_line_and_no_error():
    array = np.arange(6.0).reshape(2, 3)
    array[0] = np.nan
    for broken, lines in ((array, 1), (array * np.nan, 0)):
        place = axes()
        each_run(place, runs(broken), "layer")
        assert len(place.lines) == lines
        mean_and_spread(place, runs(broken), "layer", color="red", marker="o")
    place = axes()
    mean_and_spread(place, runs(array), "layer", color="red", marker="o", gid="mean")
    np.testing.assert_array_equal(place.lines[0].get_ydata(), array[1])


@pytest.mark.parametrize("draw", [each_run, mean_and_spread])
def test_drawn_twice_is_the_same_bytes(draw):
    def made():
        place = axes()
        draw(place, runs(np.random.default_rng(0).normal(size=(4, 5))), "layer", color="red")
        return drawn(place.figure)

    assert made() == made()
