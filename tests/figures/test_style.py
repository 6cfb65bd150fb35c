"""The one look: it leaves no trace, and words find room."""

from __future__ import annotations

import sys

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from made.readable import check_readable
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.transforms import Bbox

from layeratlas.config.axes import AXES
from layeratlas.figures import palette, style


@style.styled
def plotted(words: str = "a word"):
    figure = style.new_figure(style.COLUMN, 2)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1])
    axes.set(xlabel="x", ylabel="y")
    style.note(figure, words)
    return figure


def test_drawing_leaves_the_state_of_matplotlib_alone():
    with mpl.rc_context({"font.size": 23, "lines.linewidth": 9}):
        before = dict(mpl.rcParams)
        figure = plotted()
        assert dict(mpl.rcParams) == before
    (line,) = figure.axes[0].lines
    assert line.get_linewidth() == style.RC["lines.linewidth"]
    plt = sys.modules.get("matplotlib.pyplot")
    assert plt is None or not plt.get_fignums()


def test_a_note_breaks_at_plain_spaces_and_stays_below_the_axes():
    words = " ".join(["n\u00a0=\u00a03 seeds,"] * 30)
    figure = plotted(words)
    (note,) = (text for text in figure.texts if text.get_gid() == "note")
    assert note.get_text().count("\n") > 1
    assert note.get_text().replace("\n", " ") == words
    check_readable(figure)
    assert note.get_window_extent().y1 < figure.axes[0].get_tightbbox().y0


def test_a_sentence_is_added_to_a_note_and_wrapped_with_it():
    words = " ".join(["n\u00a0=\u00a03 seeds,"] * 30)
    figure = plotted(words)
    style.add_to_note(figure, "One more.")
    (note,) = (text for text in figure.texts if text.get_gid() == "note")
    assert note.get_text().replace("\n", " ") == f"{words} One more."
    whole = plotted(f"{words} One more.")
    assert note.get_text() == whole.texts[-1].get_text()
    check_readable(figure)
    bare = style.new_figure(2, 2)
    style.add_to_note(bare, "Alone.")
    assert [text.get_text() for text in bare.texts] == ["Alone."]


def test_axes_are_labelled_in_words_and_symbols():
    assert style.axis_label("batch_size") == "batch size $B$"
    assert style.axis_label("width") == f"{AXES['width'].long_name} ${AXES['width'].symbol}$"
    assert style.axis_label("own_axis") == "own axis"
    # Short labels are of axes that there are, but for layers, which are no axis of a grid.
    assert set(style.AXIS_LABELS) - {"layer"} <= set(AXES)


@pytest.mark.parametrize(
    ("axis", "values", "labels"),
    [
        ("learning_rate", (2e-1, 1e-4, 0.3333, 0.0), ["2e-1", "1e-4", "3.333e-1", "0"]),
        ("dropout", (0.28, 0.2, 0.0), ["0.28", "0.20", "0"]),
        ("dropout", np.array([0.28, 0.1], "f4"), ["0.28", "0.10"]),
        ("batch_size", (10, 60000), ["10", "60000"]),
        ("branch_rule", ("1", "sqrt(L)"), ["1", "sqrt(L)"]),
        ("step_size", (1e-9, 0.5), ["1e-09", "0.5"]),
    ],
)
def test_ticks_are_written_as_the_axis_is(axis, values, labels):
    assert style.tick_labels(axis, values) == labels


@given(st.integers(1, 20), st.floats(0.2, 1.0))
def test_graded_colours_are_in_order_and_opaque(count, lightest):
    colours = style.graded(count, lightest=lightest)
    assert colours.shape == (count, 4)
    assert (colours[:, 3] == 1).all()
    assert len(np.unique(colours, axis=0)) == count
    np.testing.assert_array_equal(colours[0], style.graded(1)[0])


@pytest.mark.parametrize(
    ("varies", "label"),
    [
        ("model.width", "width of hidden layers $m$"),
        (None, "width of hidden layers $m$"),
        ("model.settings.width", "tokens a patch"),
    ],
)
def test_an_axis_of_ones_own_has_its_own_words(varies, label):
    attributes = {"long_name": "tokens_a_patch"} | ({"varies": varies} if varies else {})
    width = xr.DataArray([8, 12], dims="width", name="width", attrs=attributes)
    assert style.coordinate_label(width) == label


def test_frames_are_open():
    axes = style.new_figure(2, 2).subplots()
    style.open_frame(axes)
    assert not axes.spines["top"].get_visible() and axes.spines["left"].get_visible()
    assert axes.xaxis.get_gridlines()[0].get_visible()


def test_one_call_gives_ones_own_figures_the_look():
    with mpl.rc_context({"font.size": 23, "lines.linewidth": 9}):
        style.set_theme()
        mine = dict(mpl.rcParams)
        with style.context():
            assert dict(mpl.rcParams) == mine
        assert mine["axes.prop_cycle"].by_key()["color"] == list(palette.CYCLE)
        assert mine["font.size"] == style.RC["font.size"]


def test_words_of_a_note_are_read_back_and_wrapped_anew():
    words = "Many words of a note. " * 8
    figure = plotted(words.strip())
    assert style.noted(figure) == words.strip()
    figure.set_size_inches(style.PAGE, 2)
    style.rewrap_note(figure)
    (note,) = (text for text in figure.texts if text.get_gid() == style.NOTE)
    assert note.get_text().count("\n") == plotted_at_page(words).get_text().count("\n")
    assert style.noted(style.new_figure(2, 2)) == ""


def plotted_at_page(words: str):
    with style.context():
        figure = style.new_figure(style.PAGE, 2)
        style.note(figure, words.strip())
    return figure.texts[0]


@style.styled
def noted(text: str, width: float):
    figure = style.new_figure(width, 2.0)
    style.note(figure, text)
    return figure


@pytest.mark.parametrize("width", [1.0, 1.5, 2.0, style.COLUMN])
def test_a_note_breaks_no_formula_at_the_spaces_in_it(width):
    formula = r"$\langle a, b \rangle = \sum_i a_i b_i$"
    figure = noted(f"of both {formula}, and {formula}: " * 3, width)
    (caption,) = figure.texts
    lines = caption.get_text().split("\n")
    assert all(line.count("$") % 2 == 0 for line in lines) and len(lines) > 1
    assert style.noted(figure).count(formula) == 6


def test_places_of_panels_do_not_show_how_the_solver_added_up(monkeypatch):
    solve = ConstrainedLayoutEngine.execute
    off = 0.0

    def solve_off(engine, figure):
        solve(engine, figure)
        for axes in figure.axes:
            box = axes.get_position(original=True).get_points() + off
            axes._set_position(Bbox(box), which="original")

    monkeypatch.setattr(ConstrainedLayoutEngine, "execute", solve_off)
    places = []
    for rounding in (0.0, 2e-16, -3e-16):
        off = rounding
        figure = style.new_figure(5, 3)
        parts = figure.subfigures(1, 2)
        for part in parts:
            part.subplots(2, 2)
        figure.draw_without_rendering()
        boxes = [axes.get_position(original=True) for axes in figure.axes]
        places.append([*(box.bounds for box in boxes), *(p.bbox_relative.bounds for p in parts)])
    assert places[0] == places[1] == places[2]
    assert len(set(places[0])) > 4
