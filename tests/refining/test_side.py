"""Axes of planes as unit intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.refining.side import Side, sides_of


def test_a_logarithmic_side_has_even_ratios():
    side = Side("y", 1.0, 100.0, log=True)
    assert side.value(0.5) == 10.0 and side.place(10.0) == pytest.approx(0.5, rel=1e-12)


def test_values_have_six_digits_and_whole_ones_are_whole():
    side = Side("x", 0.0, 1.0)
    assert side.value(1 / 3) == 0.333333 and side.unrounded(1 / 3) == pytest.approx(1 / 3)
    whole = Side("n", 2, 9, whole=True)
    assert {whole.value(place) for place in np.linspace(0, 1, 50)} == set(range(2, 10))


@given(low=st.floats(-1e6, 1e6), width=st.floats(1e-3, 1e6))
def test_no_value_is_beyond_an_end(low, width):
    side = Side("x", low, low + width)
    values = [side.value(place) for place in np.linspace(0, 1, 9)]
    assert low <= min(values) and max(values) <= low + width


def test_whole_numbers_make_a_whole_side():
    x, y = sides_of(["depth", "rate"], ["rate"], {"depth": [2, 10], "rate": [0.1, 1.0]})
    assert x.whole and not y.whole and y.log
