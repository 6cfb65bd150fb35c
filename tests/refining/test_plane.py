"""Planes of two axes as unit squares."""

from __future__ import annotations

import numpy as np
from made.planes import PLANE

from layeratlas.refining.plane import STEPS, Plane, square
from layeratlas.refining.side import Side


def test_places_and_values_are_each_other_again():
    places = PLANE.unit(PLANE.values(square(8)))
    np.testing.assert_allclose(places, square(8), atol=1e-5)
    np.testing.assert_allclose(PLANE.unit(PLANE.unrounded(square(8))), square(8), atol=1e-14)


def test_a_cube_says_the_plane():
    refine = {"axes": ["depth", "rate"], "log": ["rate"]}
    plane = Plane.of(refine | {"plane": {"rate": [0.1, 1.0], "depth": [2, 10]}})
    assert plane.names == ("depth", "rate")
    assert plane == Plane(Side("depth", 2, 10, whole=True), Side("rate", 0.1, 1.0, log=True))


def test_a_lattice_has_every_point_once():
    few = Plane(Side("n", 1, 4, whole=True), Side("x", 0.0, 1.0)).lattice()
    assert len(few) == 4 * (STEPS + 1) == len(np.unique(few, axis=0))
