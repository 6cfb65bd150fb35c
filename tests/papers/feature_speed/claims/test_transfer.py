"""The claim on transfer, on made-up cubes for and against it."""

from __future__ import annotations

import pytest

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE


@pytest.mark.parametrize(
    ("slope", "verdict"), [(0.0, HOLDS), (0.2, HOLDS), (-0.2, HOLDS), (0.3, FAILS), (-0.4, FAILS)]
)
def test_transfer_is_a_slope_near_zero(judged, transfer, slope, verdict):
    found = judged("learning_rate_transfer", transfer({"ntk": 1.0, "fsc": slope}))["transfer"]
    assert found.verdict == verdict
    assert found.value == pytest.approx(abs(slope), abs=1e-6)
    # An optimum has ten learning rates behind it.
    assert found.n == 10 * 3 * 3 and "ntk +1.00 ± 0.05" in found.note


def test_transfer_with_too_little_to_see(judged, transfer):
    two = judged("learning_rate_transfer", transfer({"fsc": 0.0}, depths=(4, 8)))["transfer"]
    assert two.verdict == NOT_APPLICABLE and two.note == "2 depths: a slope needs at least 3"
    no = judged("learning_rate_transfer", transfer({"ntk": 0.0}))["transfer"]
    assert no.verdict == NOT_APPLICABLE
    # An optimum beyond the grid is no value, and so no success.
    beyond = judged("learning_rate_transfer", transfer({"fsc": 0.0}, start=1000.0))["transfer"]
    assert beyond.verdict == FAILS and beyond.value is None


def test_a_seed_without_an_optimum_is_no_success(judged, transfer):
    """All rates of one seed at one depth are lost: the mean over the others would hold."""
    lost = [(0, 1, rate, 0) for rate in range(10)]
    found = judged("learning_rate_transfer", transfer({"fsc": 0.0}, lost=lost))["transfer"]
    assert found.verdict == FAILS and found.value is None
