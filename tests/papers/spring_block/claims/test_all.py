"""What holds for the claims of every figure that chains are drawn in."""

from __future__ import annotations

import pytest
from made.often import often
from made.synthetic import turned_all

from layeratlas.claims.claim import HOLDS

FIGURES = (
    "first_order_chain",
    "second_order_chain",
    "folding_ruler",
    "spring_phase_diagram",
    "two_phase_diagrams",
    "trajectories",
)


@pytest.mark.parametrize("figure", FIGURES)
def test_all_hold_on_the_specified_physics(check, figure):
    found = check(figure)
    assert found
    assert {claim.verdict for claim in found} == {HOLDS}, [
        (claim.id, claim.subject, claim.value) for claim in found if claim.verdict != HOLDS
    ]


@pytest.mark.parametrize("figure", often(FIGURES, "spring_phase_diagram", "folding_ruler"))
def test_the_order_in_which_noise_is_stored_changes_no_claim(check, simulated, synthetic, figure):
    cubes = simulated.cubes(figure, synthetic)
    assert check(figure, **turned_all(cubes)) == check(figure)
