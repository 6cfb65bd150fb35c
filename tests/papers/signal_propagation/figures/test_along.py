"""What figures along training share."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.figures import style
from layeratlas.figures.faults import faults
from layeratlas.papers.signal_propagation.figures import along


@pytest.fixture
def panel():
    figure = style.new_figure(style.COLUMN, 2.0)
    return figure, figure.subplots()


def test_a_line_a_layer(panel):
    _, axes = panel
    values = np.arange(6.0).reshape(2, 3)
    along.layer_curves(axes, np.array([0, 5]), values[None], "x")
    assert not axes.collections
    assert [line.get_gid() for line in axes.lines] == ["x,layer=1", "x,layer=2", "x,layer=3"]
    assert [line.get_ydata().tolist() for line in axes.lines] == [[0, 3], [1, 4], [2, 5]]
    assert len({tuple(line.get_color()) for line in axes.lines}) == 3


def test_lines_of_several_seeds_have_a_band_of_their_standard_deviation(panel):
    _, axes = panel
    runs = np.array([[1.0, 2.0, np.nan], [3.0, np.nan, np.nan]])
    along.line(axes, np.array([0, 5, 9]), runs, color="0.2", gid="x")
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [2, 2, np.nan])
    (band,) = axes.collections
    assert band.get_paths()[0].get_extents().y1 == pytest.approx(2 + 2**0.5)


@pytest.mark.parametrize("first", [5, 20])
def test_a_mark_at_iteration_zero_or_at_nothing_is_not_cut(panel, first):
    figure, axes = panel
    axes.plot([0, first, 2000], [0, 50, 100], marker="o", ms=3)
    axes.set(xlabel="x", ylabel="y")
    along.percent_axis(axes)
    along.iteration_axis(axes, first)
    assert faults(figure) == []
    along.from_zero(axes, 110)
    assert faults(figure) == []


@pytest.mark.parametrize(("layers", "ticks"), [(4, [1, 2, 3, 4]), (30, list(range(1, 31, 3)))])
def test_the_key_of_layers_has_at_most_ten_ticks(panel, layers, ticks):
    figure, axes = panel
    along.layer_bar(figure, [axes], layers)
    (bar,) = (other for other in figure.axes if other is not axes)
    assert bar.get_xticks().tolist() == ticks


def test_iterations_begin_at_zero_and_tell_powers_of_ten(panel):
    figure, axes = panel
    axes.plot([0, 5, 2000], [0, 1, 2])
    along.iteration_axis(axes, 5)
    figure.canvas.draw()
    shown = [t.get_text() for t in axes.get_xticklabels()]
    assert shown[:4] == ["0", "10", "100", "1000"]
    assert -1 < axes.get_xlim()[0] < 0


def test_words():
    assert along.count(1, "seed") == "1\u00a0seed" and along.count(3, "seed") == "3\u00a0seeds"
    assert along.setting_told(3e-3, "learning_rate") == r"learning rate $\eta$ = 3e-3"


def test_room_for_a_legend(panel):
    _, axes = panel
    axes.plot([0, 1], [0.5, 1])
    top = axes.get_ylim()[1]
    along.room_above(axes, 0.5)
    assert axes.get_ylim() == pytest.approx((-0.0375 * top, 1.5 * top))
