"""Claims along training, on made-up cubes for and against them."""

from __future__ import annotations

import pytest
from made.aligned import dynamics_cube

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE
from layeratlas.papers.signal_propagation.claims.dynamics import alignment_dynamics


def judged(**changes):
    found = alignment_dynamics({"alignment_dynamics": dynamics_cube(**changes)}, {})
    return {claim.id: claim for claim in found}


def test_a_hierarchy_that_is_learnt_holds():
    found = judged()
    assert {claim.verdict for claim in found.values()} == {HOLDS}
    assert found["rises"].value == pytest.approx(0.3 / 0.06, rel=1e-6)
    assert found["flat_before"].value == pytest.approx(0.2, rel=1e-6)
    assert found["peak_after_first"].value == found["peak_before_deep"].value == 6
    assert found["rises"].n == 2 and "5 at 0.003, 5 at 0.01" in found["rises"].note


@pytest.mark.parametrize(
    ("changes", "failing"),
    [
        ({"height": 0.11}, {"rises", "flat_before"}),
        ({"peak": 9}, {"peak_before_deep"}),
        ({"peak": 1}, {"peak_after_first"}),
        ({"permuted": lambda record, **at: 0.01 if record == "init" else 0.03},
         {"permuted_does_not_rise"}),
    ],
)  # fmt: skip
def test_what_is_not_so_fails(changes, failing):
    found = judged(**changes)
    assert {id for id, claim in found.items() if claim.verdict == FAILS} == failing


def test_a_first_profile_with_a_peak_inside_fails():
    cube = dynamics_cube()
    values = cube["affine"].to_dataset()["alignment"].copy(deep=True)
    # Map 6 is layer 4, after the scale and the shortcut.
    values[:, :, 0, :, 5] = 0.1
    cube["affine"] = cube["affine"].to_dataset().assign(alignment=values)
    claims = alignment_dynamics({"alignment_dynamics": cube}, {})
    (claim,) = (claim for claim in claims if claim.id == "peak_before")
    assert claim.verdict == FAILS and claim.value == 3


def test_runs_that_did_not_come_to_the_mark_do_not_count():
    only = judged(reached=lambda record, learning_rate, **at: record != "mark_0.1"
                  or learning_rate > 5e-3)  # fmt: skip
    assert only["rises"].verdict == HOLDS and only["rises"].n == 1
    none = judged(reached=lambda record, **at: record != "mark_0.1")
    assert {claim.verdict for claim in none.values()} == {NOT_APPLICABLE}
    assert none["rises"].note == "no run came to running loss 0.1"
