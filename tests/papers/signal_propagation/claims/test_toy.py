"""What is claimed of the top eigenfunction can fail."""

from __future__ import annotations

import pytest
from made.shifted import toy_cube

from layeratlas.papers.signal_propagation.claims.toy import baratin_toy
from layeratlas.papers.signal_propagation.toy import EXPERIMENT


def judged(made_cube, turned):
    found = baratin_toy({EXPERIMENT: toy_cube(made_cube, turned)}, {})
    return {claim.id: claim for claim in found}


def test_an_eigenfunction_that_turns_to_the_label_holds(made_cube):
    claims = judged(made_cube, (0.1, 0.3, 0.9))
    assert {claim.verdict for claim in claims.values()} == {"holds"}
    assert claims["turns"].value == pytest.approx(0.8, abs=1e-5)


def test_one_that_turns_away_fails(made_cube):
    claims = judged(made_cube, (0.9, 0.3, 0.1))
    failed = {id for id, claim in claims.items() if claim.verdict == "fails"}
    assert failed == {"turns", "turns_every_seed", "only_what_was_taught"}
