"""Figures for one column and for two: fewer panels a row, no smaller words."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.figures import style, widths
from layeratlas.figures.faults import faults


@style.styled
def grid_of(rows: int, columns: int, *, width: float = style.PAGE):
    figure = style.new_figure(width, 2.0 * rows + 0.4)
    grid = figure.subplots(rows, columns, squeeze=False, sharex="col", sharey="row")
    for j, i in np.ndindex(rows, columns):
        grid[j, i].plot([0, 1, 2], [0.1, 0.5, 0.2], marker="o", label=f"a line of {i}")
        grid[j, i].set(xlim=(-0.4, 2.4), ylim=(0, 0.7))
        grid[j, i].set_title(f"{j}{i} with rather many words in its title")
    for i in range(columns):
        grid[-1, i].set_xlabel(f"across {i}")
    for j in range(rows):
        grid[j, 0].set_ylabel(f"up {j}")
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside upper center")
    style.note(figure, "Words of the note. " * 12)
    return figure


def order(figure) -> list[str]:
    figure.canvas.draw()
    places = sorted(
        (-round(a.get_window_extent().y0, 1), round(a.get_window_extent().x0, 1), k)
        for k, a in enumerate(figure.axes)
    )
    return [figure.axes[k].get_title()[:2] for *_, k in places]


@pytest.mark.parametrize("shape", [(1, 2), (1, 4), (2, 3), (3, 1), (2, 2)])
def test_panels_keep_their_order_their_words_and_their_height(shape):
    before, figure = grid_of(*shape), grid_of(*shape)
    assert widths.fit(figure, style.COLUMN) is figure
    assert figure.get_size_inches()[0] == style.COLUMN
    assert faults(figure) == []
    assert order(figure) == order(before)
    for old, new in zip(before.axes, figure.axes, strict=True):
        assert new.title.get_fontsize() == old.title.get_fontsize()
        heights = [a.get_window_extent().height for a in (old, new)]
        assert 0.6 < heights[1] / heights[0] < 1.6
    assert style.noted(figure) == style.noted(before)


def test_every_panel_says_what_it_shows_once_it_stands_elsewhere():
    figure = widths.fit(grid_of(2, 3), style.COLUMN)
    for k, axes in enumerate(figure.axes):
        outermost = axes.get_subplotspec().colspan.start == 0
        assert axes.get_ylabel() == (f"up {k // 3}" if outermost else "")
        if axes.get_xlabel():
            assert axes.get_xlabel() == f"across {k % 3}"
    assert figure.axes[-1].get_xlabel() == "across 2"


def test_rows_are_as_full_as_each_other():
    figure = widths.fit(grid_of(1, 6), style.COLUMN)
    assert [axes.get_subplotspec().rowspan.start for axes in figure.axes] == [0, 0, 0, 1, 1, 1]


def test_a_title_at_the_right_leaves_room_for_the_letter_at_the_left():
    figure = grid_of(1, 4)
    with style.context():
        for axes in figure.axes:
            axes.set_title("")
            axes.set_title("a", loc="left")
            axes.set_title("many words on what this narrow panel shows", loc="right")
    assert faults(widths.fit(figure, style.COLUMN)) == []
    assert "\n" in figure.axes[0].get_title("right")


def test_a_figure_of_that_width_is_left_alone():
    figure = grid_of(1, 2)
    spots = [axes.get_subplotspec() for axes in figure.axes]
    widths.fit(figure, style.PAGE)
    assert [axes.get_subplotspec() for axes in figure.axes] == spots


def test_a_narrow_figure_is_widened_without_being_moved_about():
    figure = grid_of(2, 1, width=style.COLUMN)
    widths.fit(figure, style.PAGE)
    assert figure.get_size_inches()[0] == style.PAGE
    assert faults(figure) == []
    assert order(figure) == ["00", "10"]


def test_parts_stand_one_below_the_other():
    with style.context():
        figure = style.new_figure(style.PAGE, 2.4)
        left, right = figure.subfigures(1, 2)
        for part, letter in ((left, "a"), (right, "b")):
            axes = part.subplots()
            axes.plot([0, 1, 2], [0.1, 0.5, 0.2])
            axes.set(xlabel="x", ylabel="y", title=letter, ylim=(0, 0.7))
    widths.fit(figure, style.COLUMN)
    figure.canvas.draw()
    a, b = (axes.get_window_extent() for axes in figure.axes)
    assert a.y0 > b.y1
    assert a.x0 == pytest.approx(b.x0, abs=8)
    assert faults(figure) == []


@style.styled
def test_a_legend_of_one_row_is_broken_into_more():
    figure = style.new_figure(style.PAGE, 2.4)
    axes = figure.subplots()
    for k in range(5):
        axes.plot([0, 1, 2], [0.1, 0.5, 0.2 + k], label=f"a curve called {k}")
    axes.set(xlabel="x", ylabel="y")
    figure.legend(loc="outside upper center", ncols=5)
    widths.fit(figure, style.COLUMN)
    assert faults(figure) == []
    (legend,) = figure.legends
    places = {round(text.get_window_extent().x0) for text in legend.get_texts()}
    assert 1 < len(places) < 5
    assert [text.get_text()[-1] for text in legend.get_texts()] == list("01234")


def test_a_grid_whose_rows_mean_something_is_kept_whole():
    figure = grid_of(2, 3)
    for axes in figure.axes:
        axes.set_title("")
    widths.keep_whole(figure.axes[0])
    widths.fit(figure, style.COLUMN)
    rows = {round(axes.get_window_extent().y0) for axes in figure.axes}
    assert len(rows) == 2


def columns_of(figure) -> list[int]:
    return [axes.get_subplotspec().colspan.start for axes in figure.axes]


def rows_of(figure) -> list[int]:
    return [axes.get_subplotspec().rowspan.start for axes in figure.axes]


def test_panels_that_show_the_same_flow_on_and_others_keep_their_rows():
    alike, unlike = grid_of(2, 3), grid_of(2, 3)
    for axes in alike.axes:
        axes.set(xlabel="across", ylabel="up")
    assert rows_of(widths.fit(alike, style.COLUMN)) == [0, 0, 1, 1, 2, 2]
    assert rows_of(widths.fit(unlike, style.COLUMN)) == [0, 0, 1, 2, 2, 3]


def test_panels_that_want_room_stand_one_below_the_other():
    figure = grid_of(1, 3)
    widths.one_a_row(figure.axes[0])
    before = figure.get_size_inches()[1]
    widths.fit(figure, style.COLUMN)
    assert columns_of(figure) == [0, 0, 0] and rows_of(figure) == [0, 1, 2]
    assert figure.get_size_inches()[1] == pytest.approx(3 * before)
    # Where the page is wide enough they stand side by side.
    wide = grid_of(1, 3)
    widths.one_a_row(wide.axes[0])
    assert columns_of(widths.fit(wide, style.PAGE)) == [0, 1, 2]


def test_maps_that_stay_together_get_lower_with_their_width():
    figure = grid_of(2, 3)
    for axes in figure.axes:
        axes.set_aspect("equal")
    widths.keep_whole(figure.axes[0])
    before = figure.get_size_inches()[1]
    widths.fit(figure, style.COLUMN)
    assert columns_of(figure) == [0, 1, 2] * 2
    assert figure.get_size_inches()[1] == pytest.approx(0.75 * before)


@pytest.mark.parametrize("most", [1.03, 7, 30])
@style.styled
def test_short_axes_keep_three_ticks(most):
    figure = style.new_figure(style.PAGE, 2.2)
    for axes in figure.subplots(1, 3):
        axes.plot([0, most / 2, most], [0.1, 0.5, 0.2])
        axes.set(xlabel="x", ylabel="y", xlim=(0, most))
    widths.fit(figure, 3.0)
    assert faults(figure) == []
