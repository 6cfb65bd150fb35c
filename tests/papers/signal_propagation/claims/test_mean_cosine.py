"""What is claimed of the mean cosine can fail."""

from __future__ import annotations

import numpy as np
import pytest
from made.shifted import bump, shift_cube

from layeratlas.papers.signal_propagation.claims.mean_cosine import mean_cosine_shift
from layeratlas.papers.signal_propagation.shifts import IMAGE, SHIFT

L = 12


def judged(made_cube, ascents, peaks, reached=None):
    """Three conditions, c0 = 0, 0.3, 0.8; crossings of L = 12 are 5.9, 5.3 and 1.3."""
    image, *shifts = [bump(L, peak, a, 4.0) for a, peak in zip(ascents, peaks, strict=True)]
    cubes = {
        IMAGE: shift_cube(made_cube, {1.0: image}, {1.0: 0.0}),
        SHIFT: shift_cube(
            made_cube, {1.0: shifts[0], 3.0: shifts[1]}, {1.0: 0.3, 3.0: 0.8}, reached=reached
        ),
    }
    return {claim.id: claim for claim in mean_cosine_shift(cubes, {})}


def test_a_fading_ascent_and_a_peak_that_follows_hold(made_cube):
    claims = judged(made_cube, (3, 2, 1.2), (6, 5, 2))
    # A centroid follows its peak at some distance only.
    failed = {id for id, claim in claims.items() if claim.verdict == "fails"}
    assert failed <= {"centroid_near", "centroid_follows"}
    assert claims["ascent"].value == pytest.approx(-0.8, rel=1e-4)


def test_an_ascent_that_grows_once_and_a_peak_that_stays_fail(made_cube):
    claims = judged(made_cube, (3, 1.5, 1.6), (6, 6, 6))
    failed = {id for id, claim in claims.items() if claim.verdict == "fails"}
    assert {"ascent", "ascent_every_seed", "ascent_above_null", "ascent_all"} <= failed
    assert {"peak_near", "peak_follows", "centroid_follows"} <= failed
    assert claims["ascent"].value == pytest.approx(0.1, rel=1e-3)


def test_conditions_below_the_mark_are_judged_apart_and_named(made_cube):
    reached = np.ones((1, 2, 3, 3))
    reached[0, 1, :, 1] = 0
    claims = judged(made_cube, (3, 1.5, 1.6), (6, 5, 2), reached)
    assert claims["ascent"].verdict == "holds" and claims["ascent_all"].verdict == "fails"
    assert "3 of 3 missed the mark" in claims["ascent_all"].note
