"""Claims on the residual and on one small step."""

from __future__ import annotations

import numpy as np
import pytest
from made.aligned import STEPS, dynamics_cube, tiny_cube

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE
from layeratlas.papers.signal_propagation.claims.mechanism import alignment_mechanism


def judged(cube=None, tiny=None):
    cubes = {
        "alignment_dynamics": cube or dynamics_cube(),
        "alignment_tiny_step": tiny or tiny_cube(),
    }
    return {claim.id: claim for claim in alignment_mechanism(cubes, {})}


def test_all_hold():
    found = judged()
    assert {claim.verdict for claim in found.values()} == {HOLDS}
    assert found["residual_at_start"].value == pytest.approx(-0.95)
    assert found["residual_rises"].value == pytest.approx(800 / 3000)
    assert found["first_order"].n == 2 and found["first_order"].value < 1e-3
    assert "of 20 layers and seeds the 20 with" in found["first_order"].note
    assert found["another_layers_terms"].value > 0.1


@pytest.mark.parametrize(
    ("cosine", "failing"),
    [
        (lambda record, **at: -0.8 + STEPS[record] / 3000, "residual_at_start"),
        (lambda record, **at: -0.95, "residual_rises"),
    ],
)
def test_a_residual_that_is_not_so_fails(cosine, failing):
    found = judged(dynamics_cube(cosine=cosine))
    assert {id for id, claim in found.items() if claim.verdict == FAILS} == {failing}


def test_terms_that_do_not_add_up_fail():
    assert judged(tiny=tiny_cube(wrong=0.05))["first_order"].verdict == FAILS
    assert judged(tiny=tiny_cube(wrong=0.01))["first_order"].verdict == HOLDS


def test_the_control_fails_where_all_layers_change_alike():
    tiny = tiny_cube()
    node = tiny["affine"].to_dataset()
    for name in ("alignment_change", "alignment_growth"):
        node[name] = node[name].copy(data=np.full(node[name].shape, 1e-6))
    node["norm_growth"] = 0 * node["norm_growth"]
    tiny["affine"] = node
    found = judged(tiny=tiny)
    assert found["first_order"].verdict == HOLDS
    assert found["another_layers_terms"].verdict == FAILS


def test_steps_below_round_off_decide_nothing():
    found = judged(tiny=tiny_cube(rates=(1e-15, 1e-14)))
    assert found["first_order"].verdict == NOT_APPLICABLE
    assert "round-off" in found["first_order"].note


def test_a_residual_that_was_not_measured_decides_nothing():
    cube = dynamics_cube()
    del cube["network"]
    found = judged(cube)
    for id in ("residual_at_start", "residual_rises"):
        assert found[id].verdict == NOT_APPLICABLE
    assert found["first_order"].verdict == HOLDS
