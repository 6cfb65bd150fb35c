"""Lines, bars and axes that figures share."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from layeratlas.figures import style
from layeratlas.papers.nfa.figures import looks


def test_a_band_is_the_spread_of_seeds_where_all_have_numbers():
    axes = Figure().subplots()
    runs = xr.DataArray([[1.0, 2, np.nan], [3, 2, 4], [np.nan] * 3], dims=("seed", "record"))
    looks.band(axes, np.array([0.0, 1, 2]), runs, "k", "x")
    (line,) = axes.lines
    np.testing.assert_array_equal(line.get_xydata(), [[0, 2], [1, 2]])
    low, high = axes.collections[0].get_datalim(axes.transData).intervaly
    np.testing.assert_allclose([low, high], [2 - 2**0.5, 2 + 2**0.5])
    looks.band(axes, np.array([0.0, 1, 2]), runs * np.nan, "k", "nothing")
    assert len(axes.lines) == 1


def test_points_have_the_spread_of_seeds_as_bars():
    axes = Figure().subplots()
    looks.points(axes, [1.0, 2.0], np.array([[1.0, 3.0], [5.0, np.nan]]), "k", "x")
    line = axes.containers[0].lines[0]
    np.testing.assert_array_equal(line.get_ydata(), [2, 5])
    ends = [path.get_segments() for path in axes.collections]
    np.testing.assert_allclose(ends[0][0][:, 1], [2 - 2**0.5, 2 + 2**0.5])
    # Of one seed nothing is known.
    assert not len(ends[0][1])


def test_a_matrix_is_over_its_largest_magnitude_its_first_entry_above():
    axes = Figure().subplots()
    image = looks.matrix(axes, np.array([[-4.0, 2], [0, 1]]), "x")
    np.testing.assert_array_equal(image.get_array(), [[-1, 0.5], [0, 0.25]])
    assert axes.yaxis_inverted() and image.get_clim() == (-1, 1)
    nothing = looks.matrix(axes, np.full((2, 2), np.nan), "x").get_array()
    np.testing.assert_array_equal(nothing, 0)


def test_steps_are_logarithmic_with_0_at_the_left():
    axes = Figure().subplots()
    axes.plot([0, 1, 900], [0, 1, 2])
    looks.step_axis(axes)
    x = axes.transData.transform([[0, 0], [1, 0], [10, 0], [100, 0]])[:, 0]
    assert x[0] < x[1] and np.isclose(x[3] - x[2], x[2] - x[1], rtol=0.2)


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (0.0896, 0.0902, {"0.09"}),  # less than a power of ten: what there is
        (0.03, 0.8, {"0.05", "0.2", "0.5"}),
        (1e-4, 2.0, set()),  # powers of ten are enough
    ],
)
def test_losses_have_labels_whatever_their_range(low, high, told):
    figure = Figure()
    axes = figure.subplots()
    axes.plot([0, 1], [low, high])
    looks.loss_axis(axes)
    axes.set_ylim(low, high)
    figure.draw_without_rendering()
    shown = {label.get_text() for label in axes.yaxis.get_minorticklabels()} - {""}
    assert told <= shown
    assert bool(told) == bool(shown)
    powers = [label for label in axes.yaxis.get_majorticklabels() if label.get_text()]
    assert shown or len(powers) > 1


def test_single_seeds_have_no_spread():
    one, three = ({"/": xr.Dataset({"status": ("seed", [0] * n)})} for n in (1, 3))
    one, three = map(xr.DataTree.from_dict, (one, three))
    assert looks.over_seeds(one) == "one seed"
    assert looks.over_seeds(one, three) == "mean ± standard deviation over seeds"
    with style.context():
        axes = style.new_figure(2, 2).subplots()
    looks.points(axes, [1, 2], np.array([[0.5], [0.6]]), "C0", "single")
    (bars,) = axes.containers
    heights = [np.ptp(segment[:, 1]) for segment in bars.lines[2][0].get_segments() if len(segment)]
    assert not np.isfinite(heights).any()


def test_correlations_below_0_are_in_the_frame():
    with style.context():
        axes = style.new_figure(2, 2).subplots()
    axes.plot([0, 1], [-0.2, 0.5])
    looks.correlation_axis(axes)
    assert axes.get_ylim() == pytest.approx((-0.24, 1.04))
