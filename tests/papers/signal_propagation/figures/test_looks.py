"""Looks of curves, axes and words."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from layeratlas.figures import style
from layeratlas.papers.signal_propagation.figures import looks


@pytest.fixture
def axes():
    return style.new_figure(3, 2).subplots()


@pytest.mark.parametrize("layers", [2, 6, 10, 17, 20, 30, 100])
def test_both_ends_of_the_layers_are_ticked(axes, layers):
    looks.layer_axis(axes, layers)
    ticks = axes.get_xticks()
    assert ticks[0] == 1 and ticks[-1] == layers and len(ticks) <= 11
    assert np.diff(ticks).min() >= 1


def test_a_curve_is_the_mean_of_runs_that_are_there(axes):
    runs = xr.DataArray([[1.0, 2.0], [3.0, 4.0], [np.nan, np.nan]], dims=("seed", "layer"),
                        coords={"layer": [1, 2]})  # fmt: skip
    looks.curve(axes, runs, "0.5", "-", "mine")
    (line,) = axes.lines
    assert line.get_ydata().tolist() == [2, 3] and line.get_gid() == "mine"
    (band,) = axes.collections
    assert band.get_paths()[0].get_extents().y1 == pytest.approx(3 + 2**0.5)
    looks.curve(axes, runs * np.nan, "0.5", "-", "none")
    assert len(axes.lines) == 1


def test_data_sets_have_a_colour_each():
    known = {looks.task_colour(name) for name in ("Fashion-MNIST", "MNIST", "CIFAR-10")}
    others = {looks.task_colour("digits", place) for place in range(3)}
    assert len(known | others) == 6


def test_one_run_has_no_spread(axes):
    assert np.isnan(looks.spread([2.0])) and np.isnan(looks.spread([np.nan, 2.0]))
    assert looks.spread([1.0, np.nan, 3.0]) == pytest.approx(2**0.5)
    looks.band(axes, np.arange(3), np.ones((1, 3)), "0.2")
    assert not axes.collections
