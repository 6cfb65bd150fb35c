"""Ticks of logarithmic axes."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.figures import style
from layeratlas.figures.ticks import PlainLog, few_ticks, plain_log


@pytest.mark.parametrize(
    ("low", "high", "want"),
    [
        (0.01, 100, [0.01, 0.1, 1, 10, 100]),
        (1, 41, [1, 3, 10, 30]),
        (1.3, 5.5, [1.5, 2, 3, 5]),
        (0.7, 12, [1, 3, 10]),
        (1e-12, 1, [1e-12, 1e-9, 1e-6, 1e-3, 1]),
    ],
)
def test_ticks_are_round_and_at_least_three(low, high, want):
    np.testing.assert_allclose(PlainLog(most=5).tick_values(low, high), want)


@pytest.mark.parametrize("factor", [1.02, 1.1, 1.5, 3, 8, 20, 1e3, 1e9])
@pytest.mark.parametrize("low", [0.0123, 0.99, 1.0, 7.7, 4.2e5])
def test_any_stretch_of_an_axis_has_three(low, factor):
    ticks = PlainLog().tick_values(low, low * factor)
    inside = (ticks >= low) & (ticks <= low * factor)
    assert 3 <= inside.sum() <= 6


def test_what_has_no_logarithm_has_no_ticks():
    assert not len(PlainLog().tick_values(0, 1))
    assert not len(PlainLog().tick_values(2, 2))


@style.styled
def test_an_axis_is_labelled_in_plain_digits():
    figure = style.new_figure(3, 2)
    axes = figure.subplots()
    axes.set(yscale="log", ylim=(0.05, 0.8))
    plain_log(axes.yaxis)
    figure.canvas.draw()
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "0.05", "0.1", "0.2", "0.5",
    ]  # fmt: skip
    assert not axes.get_yticks(minor=True).size


def test_there_are_three_ticks_where_the_range_is_awkward():
    axes = style.new_figure(style.COLUMN, 1).subplots()
    axes.set(xlim=(0, 30), ylim=(-3.4, 1.6))
    few_ticks(axes)
    for axis in (axes.xaxis, axes.yaxis):
        low, high = axis.get_view_interval()
        assert sum(low <= tick <= high for tick in axis.get_majorticklocs()) >= 3
