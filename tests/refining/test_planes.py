"""Planes of experiments."""

from __future__ import annotations

from layeratlas.refining.planes import plane_of


def test_whole_numbers_make_a_whole_side():
    refine = {"axes": ["depth", "rate"], "log": ["rate"]}
    plane = plane_of(refine, {"depth": [2, 10], "rate": [0.1, 1.0]})
    assert plane.x.whole and not plane.y.whole and plane.y.log
