"""Planes of two axes as unit squares."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from made.planes import PLANE

from layeratlas.refining.plane import STEPS, Plane, Side, square


def test_places_and_values_are_each_other_again():
    places = PLANE.unit(PLANE.values(square(8)))
    np.testing.assert_allclose(places, square(8), atol=1e-5)


def test_a_logarithmic_side_has_even_ratios():
    np.testing.assert_allclose(Side("y", 1.0, 100.0, log=True).values(np.array([0.5])), [10.0])


def test_values_have_six_digits_and_whole_ones_are_whole():
    assert Side("x", 0.0, 1.0).values(np.array([1 / 3]))[0] == 0.333333
    whole = Side("n", 2, 9, whole=True).values(np.linspace(0, 1, 50))
    assert set(whole) == set(range(2, 10))


@given(low=st.floats(-1e6, 1e6), width=st.floats(1e-3, 1e6))
def test_no_value_is_beyond_an_end(low, width):
    side = Side("x", low, low + width)
    values = side.values(np.linspace(0, 1, 9))
    assert low <= values.min() and values.max() <= low + width


def test_a_lattice_has_every_point_once():
    few = Plane(Side("n", 1, 4, whole=True), Side("x", 0.0, 1.0)).lattice()
    assert len(few) == 4 * (STEPS + 1) == len(np.unique(few, axis=0))
