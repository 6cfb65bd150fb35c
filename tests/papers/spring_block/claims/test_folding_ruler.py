"""Claims on the ruler fail on a slippery floor."""

from __future__ import annotations

import numpy as np
import pytest
from made.counted import lost_at

from layeratlas.claims.claim import FAILS, HOLDS


def test_a_ruler_with_little_friction_opens_everywhere(verdicts, check, simulated):
    slippery = simulated.cube("folding_ruler", friction_right=0.01, friction_left=0.01)
    found = verdicts(check("folding_ruler", folding_ruler=slippery))
    assert found["steady-inner"] == found["steady-outer"] == FAILS
    calm = simulated.cube("folding_ruler", grid={"noise_strength": (0.0, 0.02)})
    assert verdicts(check("folding_ruler", folding_ruler=calm))["shaken-even"] == FAILS


def test_unevenness_is_within_a_chain(by_id, check, simulated):
    """The worst chain's standard deviation over mean of its eight or so springs, one by one."""
    cube = simulated.cube("folding_ruler")
    y_minus_x = cube["layers"]["spring_separation"].isel(noise_strength=-1, step=-1)
    worst = []
    for chain in y_minus_x.transpose("seed", "layer").values.astype(float):
        springs = [a - b for a, b in zip(chain, [*chain[1:], 0.0], strict=True)]
        mean = sum(springs) / len(springs)
        worst.append((sum((s - mean) ** 2 for s in springs) / len(springs)) ** 0.5 / mean)
    claim = by_id(check("folding_ruler"), "shaken")["shaken-even"]
    assert claim.value == pytest.approx(max(worst), rel=1e-6)
    assert len(worst) == claim.n > 1 and np.ptp(worst) > 0


def test_a_chain_that_is_lost_is_not_the_one_that_is_looked_at(by_id, check, simulated):
    cube = simulated.cube("folding_ruler")
    one = check("folding_ruler", folding_ruler=lost_at(cube, seed=0))
    assert [(c.verdict, c.n) for c in by_id(one, "steady").values()] == [(HOLDS, 1)] * 2
    every = check("folding_ruler", folding_ruler=lost_at(cube))
    assert {(c.verdict, c.n) for c in every} == {(FAILS, 0)}
