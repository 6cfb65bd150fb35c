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
