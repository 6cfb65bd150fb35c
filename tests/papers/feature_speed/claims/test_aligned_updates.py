"""Claims on aligned updates fail on numbers against them."""

from __future__ import annotations

import pytest
from made.turned import changed

from layeratlas.claims.claim import FAILS, HOLDS


@pytest.mark.parametrize(
    ("figure", "rule", "claim"),
    [("bafu_layer_mlp", "1", "total-larger"), ("bafu_layer_resnet", "1/sqrt(L)", "stays-aligned")],
)
def test_another_share_of_aligned_updates_fails(check, probed, figure, rule, claim):
    cube = probed.cube("bfa_layer")
    wrong = changed(
        cube, "/velocities", "cos_backward_feature_angle",
        lambda v: v.where(v["layer"] == 2, 0.62 if rule == "1" else 0.6),
    )  # fmt: skip
    verdicts = {c.id: c.verdict for c in check(figure, bfa_layer=wrong)}
    assert verdicts[claim] == FAILS
    assert verdicts["no-more-than-total"] == verdicts["equal-at-2"] == HOLDS
