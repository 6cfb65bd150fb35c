"""Claims over learning rates and batch sizes."""

from __future__ import annotations

import pytest
from made.aligned import rates_cube

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE
from layeratlas.papers.signal_propagation.claims.generalising import lr_batch_generalisation


def judged(**changes):
    found = lr_batch_generalisation({"alignment_lr_batch": rates_cube(**changes)}, {})
    return {claim.id: claim for claim in found}


def test_all_hold():
    found = judged()
    assert {claim.verdict for claim in found.values()} == {HOLDS}
    assert found["sign"].value == 1 and "-1.00" in found["sign"].note
    assert found["beats_shuffles"].value == pytest.approx(1 / 720)
    assert found["batch"].value == pytest.approx(-0.048) and found["batch"].n == 2 * 3 * 2
    assert found["middle"].value == pytest.approx(0.04) and found["middle"].n == 2 * 2 * 2


@pytest.mark.parametrize(
    ("changes", "failing"),
    [
        ({"error": lambda learning_rate, batch_size, **at: 0.2 + 2 * learning_rate
          - 0.0001 * batch_size}, {"sign", "beats_shuffles"}),
        ({"height": lambda learning_rate, batch_size, **at: 0.2 + 20 * learning_rate
          + 0.0001 * batch_size}, {"batch", "beats_shuffles"}),
        ({"height": lambda learning_rate, batch_size, **at: 0.4 - 20 * learning_rate
          - 0.0005 * batch_size}, {"sign", "middle", "beats_shuffles"}),
    ],
)  # fmt: skip
def test_what_is_not_so_fails(changes, failing):
    found = judged(**changes)
    failed = {id for id, claim in found.items() if claim.verdict == FAILS}
    assert failed - {"beats_shuffles"} == failing - {"beats_shuffles"}


def test_only_cells_that_came_to_the_mark_count():
    two = judged(reached=lambda learning_rate, **at: learning_rate == 1e-3)
    assert two["sign"].verdict == two["beats_shuffles"].verdict == NOT_APPLICABLE
    assert two["middle"].verdict == NOT_APPLICABLE
    assert two["batch"].verdict == HOLDS and two["batch"].n == 2 * 2
    one = judged(reached=lambda batch_size, **at: batch_size == 32)
    assert one["batch"].verdict == NOT_APPLICABLE
    assert one["middle"].verdict == HOLDS and one["middle"].n == 2 * 2
    assert one["sign"].verdict == HOLDS and one["beats_shuffles"].verdict == NOT_APPLICABLE


def test_most_of_several_tasks():
    good = rates_cube()
    bad = rates_cube(error=lambda learning_rate, **at: 0.2 + learning_rate)
    cubes = {"alignment_lr_batch": good, "alignment_lr_batch_cifar10": bad}
    found = lr_batch_generalisation(cubes, {})
    (sign,) = (claim for claim in found if claim.id == "sign")
    assert sign.value == 0.5 and sign.verdict == FAILS and sign.n == 2 * 6 * 2
