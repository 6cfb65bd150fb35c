"""What is claimed of the diagram can fail."""

from __future__ import annotations

import numpy as np
import pytest
from made.shifted import bump, correlations, held

from layeratlas.papers.signal_propagation.claims.noise_grid import alignment_phase_diagram
from layeratlas.papers.signal_propagation.noise_grid import EXPERIMENT

L, SLOPES, NOISES = 10, (0.0, 0.4, 0.6, 1.0), (0.0, 0.2)


def judged(made_cube, peaks, height=0.2, slopes=SLOPES):
    variables: dict = {}
    for a, peak in zip(slopes, peaks, strict=False):
        for p in NOISES:
            values = {
                "alignment": held(height * bump(L, peak, 2, 4)),
                "alignment_null": held(np.full(L, 0.02)),
                **correlations(0.3, L),
            }
            for name, value in values.items():
                variables.setdefault(name, {})[a, p] = value
    cube = made_cube(variables, {"negative_slope": slopes, "dropout": NOISES})
    return {claim.id: claim for claim in alignment_phase_diagram({EXPERIMENT: cube}, {})}


def test_peaks_that_go_with_the_crossing_hold(made_cube):
    # Crossings at c0 = 0.3: 4.6, 4.2 and 1.6; a linear network has none.
    claims = judged(made_cube, (5, 4, 2, 7))
    assert {claim.verdict for claim in claims.values()} == {"holds"}
    assert claims["peak_with_slope"].value == pytest.approx(1)


def test_peaks_against_it_and_weak_alignment_fail(made_cube):
    claims = judged(made_cube, (8, 8.5, 9, 2), height=0.05)
    failed = {id for id, claim in claims.items() if claim.verdict == "fails"}
    assert failed == {"aligned", "peak_with_slope", "peak_near", "centroid_with_slope"}


def test_two_slopes_have_no_order(made_cube):
    claims = judged(made_cube, (5, 4), slopes=SLOPES[:2])
    assert claims["peak_with_slope"].verdict == "not applicable"
