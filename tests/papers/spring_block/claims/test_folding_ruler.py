"""Claims on the ruler fail on a slippery floor."""

from __future__ import annotations

import pytest
from made.synthetic import turned_all

from layeratlas.claims.claim import FAILS, HOLDS

FIGURES = ("folding_ruler",)


@pytest.mark.parametrize("figure", FIGURES)
def test_all_hold_on_the_specified_physics(check, figure):
    found = check(figure)
    assert found
    assert {claim.verdict for claim in found} == {HOLDS}, [
        (claim.id, claim.subject, claim.value) for claim in found if claim.verdict != HOLDS
    ]


def test_a_ruler_with_little_friction_opens_everywhere(verdicts, check, simulated):
    slippery = simulated.cube("folding_ruler", friction_right=0.01, friction_left=0.01)
    found = verdicts(check("folding_ruler", folding_ruler=slippery))
    assert found["steady-inner"] == found["steady-outer"] == FAILS
    calm = simulated.cube("folding_ruler", grid={"noise_strength": (0.0, 0.02)})
    assert verdicts(check("folding_ruler", folding_ruler=calm))["shaken-even"] == FAILS


@pytest.mark.parametrize("figure", FIGURES)
def test_the_order_in_which_noise_is_stored_changes_no_claim(check, simulated, synthetic, figure):
    cubes = simulated.cubes(figure, synthetic)
    assert check(figure, **turned_all(cubes)) == check(figure)
