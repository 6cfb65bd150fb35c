"""Claims on runs on noisy labels."""

from __future__ import annotations

import pytest
from made.aligned import noise_cube

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE
from layeratlas.papers.signal_propagation.claims.label_noise import label_noise


def judged(**changes):
    found = label_noise({"alignment_label_noise": noise_cube(**changes)}, {})
    return {claim.id: claim for claim in found}


def test_all_hold_at_the_lowest_common_loss():
    found = judged()
    assert {claim.verdict for claim in found.values()} == {HOLDS}
    assert "running loss below 1" in found["falls"].subject
    assert found["falls"].n == 4 * 3 and found["random_has_none"].value == 0
    assert found["clean_has_it"].value == 1 and found["permuted_stays"].value == 1
    assert "running loss below 0.1" in judged(slow=())["falls"].subject


@pytest.mark.parametrize(
    ("changes", "failing"),
    [
        ({"height": lambda noise: 0.3 - 0.2 * noise + 0.2 * (noise == 0.5)}, {"falls"}),
        ({"height": lambda noise: 0.3 - 0.1 * noise}, {"random_below_half"}),
        ({"peak": 1}, {"clean_has_it"}),
        ({"trained": 0.03}, {"permuted_stays"}),
    ],
)
def test_what_is_not_so_fails(changes, failing):
    found = judged(**changes)
    assert {id for id, claim in found.items() if claim.verdict == FAILS} == failing


def test_random_labels_with_a_hierarchy_fail():
    """Runs on labels of which most are random, under the name of all."""
    cube = noise_cube(levels=(0, 0.5, 0.9), slow=())
    turned = cube.map_over_datasets(lambda node: node.assign_coords(label_noise=[0.0, 0.5, 1.0]))
    turned.attrs = cube.attrs
    found = {c.id: c for c in label_noise({"alignment_label_noise": turned}, {})}
    assert found["random_has_none"].verdict == FAILS
    assert found["falls"].verdict == HOLDS


def test_a_grid_that_is_too_small_decides_nothing():
    assert judged(slow=("mark_0.1", "mark_1"))["falls"].verdict == NOT_APPLICABLE
    found = judged(levels=(0, 0.2, 0.5))
    assert found["falls"].verdict == HOLDS
    assert found["random_below_half"].verdict == NOT_APPLICABLE
    few = judged(seeds=2)
    assert few["random_has_none"].verdict == NOT_APPLICABLE
    assert few["random_has_none"].note == "undecided: fewer than 3 seeds"
    noisy = judged(levels=(0.2, 1))
    assert {claim.verdict for claim in noisy.values()} == {NOT_APPLICABLE}
