"""Trajectories are read as means, under batch statistics, and drawn with their chord."""

from __future__ import annotations

import numpy as np
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from made.readable import line

from layeratlas.figures import style
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.figures import moving
from layeratlas.papers.spring_block.regimes import BATCH_NORM_MODE, REGIMES


def test_networks_are_means_under_batch_statistics(simulated):
    cube = simulated.network_trajectories(seeds=3)
    networks = moving.networks({"network_trajectories": cube})
    D = load_curves.load_curve(cube, batch_norm_mode=BATCH_NORM_MODE, keep_epochs=True)
    np.testing.assert_array_equal(networks, D)
    assert "moment" in networks.dims
    here = moving.at_cell(networks, REGIMES[1].network)
    assert here.dims == ("moment", "layer")
    each = moving.networks({"network_trajectories": cube}, over=None)
    assert each.sizes["seed"] == 3
    assert moving.at_cell(each, REGIMES[1].network).dims == ("seed", "moment", "layer")
    # One seed is a seed: at `smoke` there is no other.
    one = moving.networks({"network_trajectories": cube.isel(seed=[0])}, over=None)
    assert moving.at_cell(one, REGIMES[1].network).dims == ("seed", "moment", "layer")
    # Only batch statistics hold the input still.
    assert float(np.ptp(here.isel(layer=0).values)) < 1e-6


def test_chains_are_means_or_kept_apart(simulated):
    cubes = {"spring_trajectories": simulated.cube("spring_trajectories")}
    mean, each = moving.chains(cubes), moving.chains(cubes, over=None)
    np.testing.assert_allclose(each.mean("seed"), mean, atol=1e-6)


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=6))
def test_the_span_holds_every_value_with_room(values):
    low, high = moving.span(xr.DataArray([[np.nan, *values]], dims=("moment", "layer")))
    assert low < min(values) <= max(values) < high


def test_nothing_finite_has_a_span_too():
    low, high = moving.span(xr.DataArray([[np.nan]], dims=("moment", "layer")))
    assert low < high


def test_a_curve_is_drawn_with_its_chord():
    axes = style.new_figure(style.COLUMN, 2).subplots()
    moving.load_curve(axes, np.array([3.0, 1.0, 0.0]))
    np.testing.assert_array_equal(line(axes, "load curve").get_ydata(), [3, 1, 0])
    chord = axes.lines[0].get_xydata()
    np.testing.assert_array_equal(chord, [[0, 3], [2, 0]])
    assert not axes.containers


def test_a_spread_is_drawn_as_bars():
    axes = style.new_figure(style.COLUMN, 2).subplots()
    moving.load_curve(axes, np.array([3.0, 1.0, 0.0]), np.array([0.1, 0.2, 0.3]))
    (bars,) = axes.containers
    ends = np.array(bars.lines[2][0].get_segments())[:, :, 1]
    np.testing.assert_allclose(np.ptp(ends, axis=1), [0.2, 0.4, 0.6])
