"""Many changes judged at once come to what each comes to by itself."""

from __future__ import annotations

import numpy as np
import pytest
from made import turnable

from layeratlas.claims.asking import Name
from layeratlas.claims.turning.fields import Place, fields_of
from layeratlas.claims.turning.judging import Judging


@pytest.fixture(scope="module")
def changes(cubes):
    def made(judging):
        field = next(f for f in fields_of(judging.cubes) if f.name == "separation")
        at = [(0, 0, 1), (0, 0, 4), (1, 1, 2), (3, 2, 0)]
        return [[Place(field, index).moved(t)] for index in at for t in (-5.0, -0.5, 0.5, 5.0)]

    return made


@pytest.mark.parametrize("id", turnable.DECIDES)
def test_at_once_is_one_by_one(cubes, changes, id):
    judging = Judging(turnable.judge, cubes, Name(id, "grid"), 400)
    judging.spread = 0.05
    some = changes(judging)
    batch = judging.batch(some)
    assert judging.is_together
    verdicts = set()
    for number, change in enumerate(some):
        alone = judging.on(change)
        assert batch.outcome(number).verdict == alone.verdict
        assert batch.outcome(number).value == pytest.approx(alone.value, rel=1e-12)
        verdicts.add(alone.verdict)
    assert len(verdicts) > 1 or id in ("rank", "order"), "some change turns it"


def test_a_change_is_taken_back(cubes, changes):
    judging = Judging(turnable.judge, cubes, Name("corner", "grid"), 400)
    before = judging.safe()
    assert judging.on(changes(judging)[3]) != before
    assert judging.safe() == before


def test_traces_tell_what_is_moved(cubes, changes):
    judging = Judging(turnable.judge, cubes, Name("corner", "grid"), 400)
    batch = judging.batch(changes(judging))
    down, less, up, more = (batch.trace(k) for k in range(4))
    assert down.how == less.how != up.how == more.how
    assert down.far == pytest.approx(10 * less.far)
    assert batch.trace(8).how == b"", "another cell: the corner reads nothing of it"
    assert not batch.moves(8, judging.safe())


def test_parts_of_a_batch_are_one(cubes, changes, monkeypatch):
    judging = Judging(turnable.judge, cubes, Name("corner", "grid"), 400)
    some = changes(judging)
    whole = [judging.batch(some).outcome(k) for k in range(len(some))]
    monkeypatch.setattr("layeratlas.claims.turning.judging._MOST_BYTES", 1)
    assert [judging.batch(some).outcome(k) for k in range(len(some))] == whole


def test_what_raises_comes_to_nothing(cubes, changes):
    def judge(others):
        if not np.isclose(float(others[turnable.EXPERIMENT]["layers/separation"].sum()), total):
            raise ValueError("other numbers")
        return turnable.judge(others)

    total = float(cubes[turnable.EXPERIMENT]["layers/separation"].sum())
    judging = Judging(judge, cubes, Name("corner", "grid"), 400)
    base, outcome = judging.safe(), judging.on(changes(judging)[3])
    assert outcome.verdict == ""
    assert not outcome.turns(base)
