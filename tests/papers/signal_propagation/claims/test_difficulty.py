"""What is claimed of easy and difficult examples can fail."""

from __future__ import annotations

import pytest
from made.shifted import difficulty_cube

from layeratlas.papers.signal_propagation.claims.difficulty import baratin_easy_difficult
from layeratlas.papers.signal_propagation.difficulty import EXPERIMENT


def judged(made_cube, *values):
    found = baratin_easy_difficult({EXPERIMENT: difficulty_cube(made_cube, *values)}, {})
    return {claim.id: claim for claim in found}


def test_easy_ones_first_hold_although_difficult_ones_overtake_later(made_cube):
    easy, hard, true = [0.02, 0.1, 0.2, 0.2, 0.2], [0.02, 0.02, 0.05, 0.1, 0.3], [0.02] + [0.12] * 4
    claims = judged(made_cube, easy, hard, true)
    assert {claim.verdict for claim in claims.values()} == {"holds"}
    assert claims["easy_first"].value == pytest.approx(0.08, rel=1e-4)


def test_difficult_ones_ahead_once_images_alike_and_a_head_start_fail(made_cube):
    claims = judged(made_cube, [0.3, 0.1, 0.2, 0.2, 0.2], [0.1, 0.02, 0.25, 0.1, 0.1], [0] * 5)
    assert {claim.verdict for claim in claims.values()} == {"fails"}
