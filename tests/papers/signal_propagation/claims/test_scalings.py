"""What is claimed of scalings can fail."""

from __future__ import annotations

import numpy as np
import pytest
from made.shifted import bump, correlations, held

from layeratlas.papers.signal_propagation.claims.scalings import alignment_under_scalings
from layeratlas.papers.signal_propagation.scaled import EXPERIMENT

L = 10


def judged(made_cube, plain, lazy, **more):
    variables = {
        "alignment": {("kaiming",): held(plain), ("ntk",): held(lazy)},
        "alignment_null": {(name,): held(np.full(L, 0.01)) for name in ("kaiming", "ntk")},
    }
    for name, value in correlations(0.3, L).items():
        variables[name] = {("kaiming",): value, ("ntk",): value}
    cube = made_cube(variables, {"scaling": ["kaiming", "ntk"]}, **more)
    found = alignment_under_scalings({EXPERIMENT: cube}, {})
    return {(claim.id, claim.subject.split(",")[0]): claim for claim in found}


def test_hierarchies_and_less_alignment_in_a_lazy_network_hold(made_cube):
    claims = judged(made_cube, 0.2 * bump(L, 4, 2, 4), 0.1 * bump(L, 4, 2, 4))
    assert {claim.verdict for claim in claims.values()} == {"holds"}
    assert claims["lazy_aligns_less", "NTK against Kaiming"].value == pytest.approx(0.5, rel=1e-4)


def test_a_falling_profile_and_a_lazy_network_that_aligns_more_fail(made_cube):
    claims = judged(made_cube, 0.2 * np.linspace(1, 0.1, L), 0.3 * bump(L, 4, 2, 4))
    assert claims["ascent_descent", "Kaiming"].verdict == "fails"
    assert claims["ascent_descent", "NTK"].verdict == "holds"
    assert claims["lazy_aligns_less", "NTK against Kaiming"].verdict == "fails"


def test_runs_below_the_mark_decide_nothing_of_an_equal_loss(made_cube):
    reached = np.ones((2, 3, 3))
    reached[1, 0, 1] = 0
    claims = judged(made_cube, 0.2 * bump(L, 4, 2, 4), 0.1 * bump(L, 4, 2, 4), reached=reached)
    assert claims["lazy_aligns_less", "NTK against Kaiming"].verdict == "not applicable"
    assert claims["ascent_descent", "NTK"].verdict == "not applicable"
