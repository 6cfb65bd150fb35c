"""Claims on the relative layer, for and against them."""

from __future__ import annotations

from layeratlas import papers
from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE


def judged(cubes):
    found = papers.check("alignment_by_depth", cubes)
    return {claim.id: claim for claim in found if claim.subject == "MNIST"}


def test_a_hierarchy_that_moves_to_the_output_fails(made_cubes):
    places = {10: 3.0, 15: 8.0, 20: 13.0, 30: 24.0}
    assert judged(made_cubes(alignment_mnist={"peak_at": places.get}))[
        "relative_centroid"
    ].verdict == FAILS  # fmt: skip
    assert judged(made_cubes())["relative_centroid"].value < 0


def test_a_profile_that_does_not_rise_fails(made_cubes):
    flat = judged(made_cubes(alignment_mnist={"height": 0.0, "initial": 0.3}))
    assert flat["learnt"].verdict == FAILS and flat["learnt"].n == 4 * 3


def test_without_depth_ten_or_a_deeper_one_nothing_is_compared(made_cubes):
    without = judged(made_cubes(alignment_mnist={"depths": (15, 20)}))
    assert without["relative_centroid"].verdict == NOT_APPLICABLE
    alone = judged(made_cubes(alignment_mnist={"depths": (6, 10)}))
    assert "no depth above 10" in alone["relative_centroid"].note
    assert alone["learnt"].verdict == HOLDS
