"""Why a claim has its verdict: what is told turns it, on perturbed cubes, judged independently."""

from __future__ import annotations

import numpy as np
import pytest
from made import turnable

from layeratlas.claims.asking import Name
from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE, TIE, not_applicable
from layeratlas.claims.turning.explaining import explain

#: Of those, `benchmarks/why.py` has 500.
CUBES = 30


def explained(id, values):
    return explain(
        turnable.judge, {turnable.EXPERIMENT: turnable.cube(values)}, Name(id, "grid")
    )  # fmt: skip


def is_right(why, id, values) -> bool:
    """Whether the change turns the verdict as told, 3 % less does not, nor does any where none
    is told."""
    if why.change is None:
        return turnable.naive(id, values) is None
    at, by = why.change.at, why.change.by
    return (
        turnable.verdict(id, turnable.moved(values, at, by)) == why.change.becomes
        and turnable.verdict(id, turnable.moved(values, at, 0.97 * by)) == why.claim.verdict
    )


def test_predicted_turns_are_right():
    ids, right, verdicts = list(turnable.DECIDES), [], set()
    for seed in range(CUBES):
        id, values = ids[seed % len(ids)], turnable.numbers(np.random.default_rng(seed))
        why = explained(id, values)
        assert why.claim.verdict == turnable.verdict(id, values)
        right.append(is_right(why, id, values))
        verdicts.add(why.claim.verdict)
    assert np.mean(right) >= 0.95
    assert verdicts >= {HOLDS, FAILS}
    # The control: a change half as large, told as the smallest that turns it, is not right.
    halved = why.change.__class__(**{**vars(why.change), "by": why.change.by / 2})
    assert not is_right(why.__class__(why.claim, halved), id, values)


def test_a_tie_is_untied():
    for seed in range(40):
        values = turnable.numbers(np.random.default_rng(seed), scatter=0.5)
        if turnable.verdict("order", values) == TIE:
            break
    why = explained("order", values)
    assert why.claim.verdict == TIE
    assert why.change.becomes in (HOLDS, FAILS)
    assert is_right(why, "order", values)


def test_what_carries_it_is_of_the_cells_and_layers_that_it_reads(values):
    why = explained("corner", values)
    assert why.reads == ("layers/separation",)
    assert why.n_places == turnable.LAYERS
    assert {tuple(c.cell.values()) for c in why.carriers} == {(0.0, 0.0)}
    assert why.change.at in [c.at for c in why.carriers]
    assert why.is_complete
    assert why.lacking == why.left_out == ()


def test_each_seed_is_left_out():
    values = turnable.numbers(np.random.default_rng(0), scatter=0.0)
    # One seed alone makes the corner hold.
    values[0, 0, :, 1:4] -= 5.0
    values[0, 0, 1, 1:4] += 30.0
    why = explained("corner", values)
    assert why.claim.verdict == turnable.verdict("corner", values)
    expected = {
        seed: turnable.verdict("corner", np.delete(values, k, 2))
        for k, seed in enumerate(turnable.SEEDS)
    }
    assert dict(why.seeds) == expected
    assert len(set(expected.values())) == 2


def test_a_claim_that_does_not_apply_says_so(cubes):
    def judge(others):
        common = {"id": "1", "figure": "f", "subject": "s", "statement": "x", "source": "y"}
        if len(others) == 1:
            claims.append(
                not_applicable(**common, comparison="<", threshold=0.0, reason="too small")
            )
        return claims

    claims = []
    why = explain(judge, cubes, Name("1", "s"))
    assert why.claim.verdict == NOT_APPLICABLE
    assert why.change is None
    assert why.carriers == ()


def test_a_claim_that_is_not_made_is_none(cubes):
    assert explain(turnable.judge, cubes, Name("corner", "elsewhere")) is None


def test_cells_without_runs_are_told(values):
    cube = turnable.cube(values)
    cube["status"].values[0, 1] = 1
    why = explain(turnable.judge, {turnable.EXPERIMENT: cube}, Name("rank", "grid"))
    assert why.claim.verdict == FAILS
    assert why.claim.value is None
    assert why.change is None


@pytest.mark.parametrize("id", ["corner", "rank"])
def test_the_same_answer_each_time(values, id):
    assert explained(id, values).change == explained(id, values).change
