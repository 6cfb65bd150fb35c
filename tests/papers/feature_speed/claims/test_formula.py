"""The formula is claimed under every figure, and a wrong velocity breaks it."""

from __future__ import annotations

import pytest
from made.turned import changed

from layeratlas.claims.claim import FAILS


@pytest.mark.parametrize(
    ("figure", "experiment"),
    [
        ("bfa_layer", "bfa_layer"),
        ("bfa_branch_scale", "bfa_branch_scale"),
        ("sensitivity_mlp", "sensitivity_mlp"),
        ("hp_resnet", "hp_resnet"),
    ],
)
def test_a_wrong_velocity_breaks_the_formula(check, probed, figure, experiment):
    wrong = changed(
        probed.cube(experiment), "/velocities", "feature_speed_residual", lambda v: v + 1e-8
    )
    verdicts = {claim.id: claim.verdict for claim in check(figure, **{experiment: wrong})}
    assert verdicts["formula"] == FAILS
