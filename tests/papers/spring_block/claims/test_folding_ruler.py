"""Claims on the ruler fail on a slippery floor."""

from __future__ import annotations

from layeratlas.claims.claim import FAILS


def test_a_ruler_with_little_friction_opens_everywhere(verdicts, check, simulated):
    slippery = simulated.cube("folding_ruler", friction_right=0.01, friction_left=0.01)
    found = verdicts(check("folding_ruler", folding_ruler=slippery))
    assert found["steady-inner"] == found["steady-outer"] == FAILS
    calm = simulated.cube("folding_ruler", grid={"noise_strength": (0.0, 0.02)})
    assert verdicts(check("folding_ruler", folding_ruler=calm))["shaken-even"] == FAILS
