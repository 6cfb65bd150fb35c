"""Asking for one claim, or for names alone."""

from __future__ import annotations

from made import turnable

from layeratlas.claims.asking import Name, naming, only


def judged(seed: int = 0):
    import numpy as np

    values = turnable.numbers(np.random.default_rng(seed))
    return turnable.judge({turnable.EXPERIMENT: turnable.cube(values)})


def test_one_claim_is_the_same_as_among_all():
    every = {(c.id, c.subject): c for c in judged()}
    assert len(every) == len(turnable.DECIDES)
    with only(Name("rank", "grid")):
        (found,) = judged()
    assert found == every["rank", "grid"]


def test_none_is_judged_where_names_are_asked_for():
    with naming() as names:
        assert judged() == []
    assert [name.id for name in names] == list(turnable.DECIDES)
    assert len(judged()) == len(turnable.DECIDES)


def test_what_is_put_off_is_judged_when_asked():
    with only(Name("corner", "grid"), is_put_off=True) as asked:
        assert judged() == []
    (judge,) = asked.judges
    assert judge().id == "corner"


def test_nobody_makes_an_unknown_claim():
    with only(Name("corner", "elsewhere")):
        assert judged() == []
