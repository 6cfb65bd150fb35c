"""Claims on a network's alignment along training, for and against them."""

from __future__ import annotations

import pytest
from made.convolutional import redrawn_cube

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE
from layeratlas.papers.signal_propagation.claims.kernels_along import baratin_alignment


def judged(**changes):
    found = baratin_alignment({"baratin_vgg": redrawn_cube(**changes)}, {})
    return {(claim.id, "redrawn" in claim.subject): claim for claim in found}


def test_what_was_made_so_holds():
    found = judged()
    assert {claim.verdict for claim in found.values()} == {HOLDS}
    assert found["rises", False].value == pytest.approx(11, rel=1e-4)
    assert found["test_peaks_before", True].value == pytest.approx(60 / 520)


@pytest.mark.parametrize(
    ("changes", "failing"),
    [
        ({"rise": 0.03}, {("rises", False), ("rises", True)}),
        ({"lowered": 1.2}, {("noise_lowers", True)}),
        ({"test_peak": "final"}, {("test_peaks_before", True)}),
    ],
)
def test_what_is_not_so_fails(changes, failing):
    found = judged(**changes)
    assert {id for id, claim in found.items() if claim.verdict == FAILS} == failing


def test_labels_never_memorised_decide_nothing():
    assert judged(memorises=False)["test_peaks_before", True].verdict == NOT_APPLICABLE
