"""Cells of a diagram: curves in place, gaps hatched, counts where seeds are lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from made.readable import labels, line

from layeratlas.figures import cells, style


@pytest.fixture
def axes():
    return style.new_figure(style.COLUMN, 2).subplots()


@given(
    values=hnp.arrays(float, st.integers(2, 9), elements=st.floats(0, 1)),
    column=st.integers(0, 5),
    row=st.integers(0, 5),
)
def test_a_curve_fills_its_cell_from_left_to_right_and_top_to_bottom(values, column, row):
    axes = style.new_figure(style.COLUMN, 2).subplots()
    cells.curve(axes, values, column, row, "here")
    x, y = line(axes, "curve:here").get_data()
    assert (np.diff(x) > 0).all()
    for along, centre in ((x, column), (y, row)):
        assert (abs(along - centre) < 0.5).all()
    # Rows grow downward: 1 is near the top.
    np.testing.assert_allclose(row + 0.5 - y, 0.12 + 0.76 * values, atol=1e-9)


def test_a_curve_with_a_gap_is_hatched(axes):
    cells.curve(axes, np.array([1.0, np.nan, 0.0]), 2, 1, "here")
    assert not axes.lines
    (cell,) = axes.patches
    assert cell.get_gid() == "missing:here"
    assert cell.get_xy() == (1.5, 0.5)
    assert cell.get_hatch()


def test_a_spread_is_a_band_that_ends_with_its_cell(axes):
    values, spread = np.array([1.0, 0.5, 0.0]), np.array([0.05, 0.1, 2.0])
    cells.curve(axes, values, 2, 1, "here", spread=spread, ls="--")
    (band,) = axes.collections
    assert band.get_gid() == "spread:here"
    curve = line(axes, "curve:here")
    assert curve.get_linestyle() == "--"
    x, y = band.get_paths()[0].vertices.T
    middle = curve.get_ydata()[1]
    at = np.isclose(x, 2.0)
    assert np.ptp(y[at]) == pytest.approx(2 * 0.76 * 0.1)
    assert y[at].mean() == pytest.approx(middle)
    assert 0.5 < y.min() < y.max() < 1.5
    cells.curve(axes, values, 0, 0, "alone", spread=np.full(3, np.nan))
    assert len(axes.collections) == 1


def test_only_cells_that_lost_some_seeds_tell_how_many_are_left(axes):
    for count in (0, 2, 3):
        cells.finished(axes, count, 3, count, 0, "here")
    assert [text.get_text() for text in axes.texts] == ["2/3"]


def test_the_shade_masks_what_is_not_known(axes):
    image = cells.shade(axes, np.array([[1.0, np.nan]]), cmap="gray")
    assert image.get_array().mask.tolist() == [[False, True]]


def test_the_frame_labels_columns_and_rows(axes):
    cells.shade(axes, np.zeros((2, 3)))
    cells.frame(axes, ["a", "b", "c"], ["x", "y"])
    assert labels(axes.xaxis) == ["a", "b", "c"]
    assert labels(axes.yaxis) == ["x", "y"]
    assert len(axes.lines) == 2 + 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3.0, np.nan, 1.0, np.inf], (1.0, 3.0)),
        ([2.0, 2.0], (1.5, 2.5)),
        ([np.nan], (0.0, 100.0)),
        ([], (0.0, 100.0)),
    ],
)
def test_limits_are_finite_and_never_equal(values, expected):
    assert cells.limits(np.array(values)) == expected
