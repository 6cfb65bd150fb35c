"""The smallest change: against every change, tried in plain numpy."""

from __future__ import annotations

import numpy as np
import pytest
from made import turnable

from layeratlas.claims.asking import Name
from layeratlas.claims.turning.fields import fields_of
from layeratlas.claims.turning.judging import Judging
from layeratlas.claims.turning.reading import read
from layeratlas.claims.turning.smallest import TOLERANCE, Candidate, smallest, turned_at

RATIO = 1.03


def searched(judge, cubes, id, *, is_together=True):
    judging = Judging(judge, cubes, Name(id, "grid"), 10**6)
    judging.is_together = is_together
    base = judging.safe()
    found, _ = read(judging, fields_of(judging.cubes), base, np.random.default_rng(0))
    places = [place for one in found for place in one.places()]
    candidates = [Candidate(place, sign) for place in places for sign in (1, -1)]
    return judging, candidates, base


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("id", [id for id in turnable.DECIDES if id != "order"])
def test_nothing_smaller_turns_it(id, seed):
    values = turnable.numbers(np.random.default_rng(seed))
    cubes = {turnable.EXPERIMENT: turnable.cube(values)}
    turn = smallest(*searched(turnable.judge, cubes, id))
    least = turnable.naive(id, values, RATIO)
    assert turn.units <= least * (1 + TOLERANCE)
    assert turn.units >= least / RATIO * (1 - TOLERANCE)
    assert turn.below < turn.units <= turn.below * (1 + 2 * TOLERANCE)


def test_one_by_one_finds_the_same(values, cubes):
    at_once = smallest(*searched(turnable.judge, cubes, "corner"))
    alone = smallest(*searched(turnable.judge, cubes, "corner", is_together=False))
    assert alone.candidate.place.index == at_once.candidate.place.index
    assert alone.units == pytest.approx(at_once.units, rel=2 * TOLERANCE)


def test_what_cannot_turn_does_not(values, cubes, monkeypatch):
    monkeypatch.setitem(turnable.DECIDES, "corner", ("<=", 1e9))
    assert smallest(*searched(turnable.judge, cubes, "corner")) is None


def test_carriers_turn_it_by_that_change_and_others_do_not(values, cubes):
    judging, candidates, base = searched(turnable.judge, cubes, "signs")
    units = 2 * smallest(judging, candidates, base).units
    near = {(c.place.index, c.sign) for c, _ in turned_at(judging, candidates, units, base)}
    for candidate in candidates:
        at = candidate.place.labels
        moved = turnable.moved(values, at, candidate.sign * units * candidate.place.unit)
        turns = turnable.verdict("signs", moved) != base.verdict
        assert turns == ((candidate.place.index, candidate.sign) in near), at
    assert near
