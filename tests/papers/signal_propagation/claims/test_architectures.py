"""Claims on VGG networks, for and against them."""

from __future__ import annotations

import pytest
from made.convolutional import vgg_cube

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE
from layeratlas.papers.signal_propagation.claims.architectures import architectures


def judged(**changes):
    found = architectures({"alignment_vgg": vgg_cube(axes={"depth": [11]}, **changes)}, {})
    return {claim.id: claim for claim in found}


def test_a_hump_inside_holds():
    found = judged()
    assert {claim.verdict for claim in found.values()} == {HOLDS}
    assert found["peak_interior"].value == 3 and found["start_without"].value == 0


@pytest.mark.parametrize(
    ("changes", "failing"),
    [
        ({"peak": 9}, {"peak_interior", "read_out_below"}),
        ({"peak": 1}, {"peak_interior", "first_below"}),
    ],
)
def test_what_is_not_so_fails(changes, failing):
    found = judged(**changes)
    assert {id for id, claim in found.items() if claim.verdict == FAILS} == failing


def test_a_network_without_runs_decides_nothing():
    found = judged(reached=lambda record, **at: record == "init")
    assert found["peak_interior"].verdict == NOT_APPLICABLE
