"""The order of records: against a naive twin, and against histories whose truth is known."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made.builder import Store, made_up, sha

from layeratlas.provenance.store.order import (
    Content,
    Event,
    horizon,
    in_order,
    is_believed,
    moment,
    order,
)
from layeratlas.provenance.store.reading import RecordWarning, read_record, record_files

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LIMIT = horizon(NOON)


def content(path: str, version: object) -> Content:
    digest = sha(f"{path} {version}")
    return Content(path, digest, digest)


def event(name: str, minute: float, **given) -> Event:
    ended = (NOON + timedelta(minutes=minute)).isoformat()
    return Event(name, name, given.pop("ended", ended), **given)


def names(events: list[Event]) -> list[str]:
    return [events[i].name for i in order(events, LIMIT)]


# --- the naive twin ---------------------------------------------------------------------------
def naive(events: list[Event]) -> list[str]:
    """The definition, word for word: quadratic and more."""

    def key(e: Event):
        return (is_believed(e.ended, LIMIT), moment(e.ended), e.id, e.name)

    def asked(e: Event) -> list[set[str]]:
        """For each thing that it follows, whoever may have written it."""
        found = [{o.name for o in events if o.id == e.after}]
        for path, digest in e.replaced:
            found.append({o.name for o in events if (path, digest) in [c[:2] for c in o.wrote]})
        for c in e.read:
            there = {o.name for o in events if c[:2] in [w[:2] for w in o.wrote]}
            anywhere = {o.name for o in events if c.identity in [w.identity for w in o.wrote]}
            found.append(there or anywhere)
        return [makers for makers in found if makers - {e.name}]

    clauses = {e.name: asked(e) for e in events}
    while True:
        done: list[str] = []
        while ready := [
            e
            for e in events
            if e.name not in done and all(makers & set(done) for makers in clauses[e.name])
        ]:
            done.append(min(ready, key=key).name)
        stuck = [e for e in events if e.name not in done]
        if not stuck:
            return done
        lost = {e.name: [m for m in clauses[e.name] if not m & set(done)] for e in stuck}
        reach = {e.name: set().union(*lost[e.name]) for e in stuck}
        for _ in stuck:
            reach = {n: r.union(*(reach[m] for m in r)) for n, r in reach.items()}
        for e in stuck:
            circle = {n for n in reach[e.name] if e.name in reach[n]}
            if e.name in circle and circle == reach[e.name]:
                first = min((o for o in stuck if o.name in circle), key=key)
                clauses[first.name] = [m for m in clauses[first.name] if m & set(done)]


@st.composite
def anything(draw) -> list[Event]:
    """Events without sense: few paths and versions, so that everything meets, circles too."""
    size = draw(st.integers(1, 9))
    some = st.lists(st.tuples(st.sampled_from("pq"), st.integers(0, 3)), max_size=2)
    events = []
    for i in range(size):
        wrote, read, replaced = ([content(*c) for c in dict.fromkeys(draw(some))] for _ in range(3))
        events.append(
            event(
                f"e{i}",
                draw(st.integers(-5, 5)) + draw(st.sampled_from([0, 0, 0, 10**7, -(10**7)])),
                after=f"e{draw(st.integers(0, size))}" if draw(st.booleans()) else None,
                wrote=wrote,
                read=read,
                replaced=[c[:2] for c in replaced],
            )
        )
    return events


@settings(max_examples=300)
@given(anything(), st.randoms())
def test_the_order_is_that_of_the_definition_and_of_no_permutation(events, chance):
    found = names(events)
    assert sorted(found) == sorted(e.name for e in events)
    assert found == naive(events)
    chance.shuffle(events)
    assert names(events) == found


# --- histories whose truth is known -----------------------------------------------------------
@st.composite
def histories(draw, paths: int = 3) -> tuple[list[Event], list[tuple[str, str]]]:
    """Jobs one after the other on hosts with odd clocks; and (earlier, later) that evidence shows.

    Every version has a content of its own, so what a job read or replaced says who wrote it.
    """
    hosts = draw(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=3))
    events: list[Event] = []
    stands: dict[str, tuple[Content, str]] = {}
    follows: dict[str, set[str]] = {}
    for i in range(draw(st.integers(1, 12))):
        name = f"job{draw(st.integers(0, 999)):03d}-{i}"
        path = f"p{draw(st.integers(0, paths - 1))}"
        seen = [stands[p] for p in sorted(stands) if draw(st.booleans())]
        made, old = content(path, i), stands.get(path)
        clock = i + draw(st.sampled_from(hosts))
        events.append(
            event(
                name,
                clock,
                wrote=[made],
                read=[c for c, _ in seen],
                replaced=[old[0][:2]] if old else [],
            )
        )
        causes = {maker for _, maker in seen} | ({old[1]} if old else set())
        follows[name] = causes.union(*(follows[cause] for cause in causes))
        stands[path] = (made, name)
    return events, [(a, b) for b, causes in follows.items() for a in causes]


@given(histories(), st.randoms())
def test_whatever_the_clocks_say_what_follows_comes_after(history, chance):
    events, pairs = history
    last = {}
    for e in events:
        last[e.wrote[0].path] = e.name
    chance.shuffle(events)
    found = names(events)
    for earlier, later in pairs:
        assert found.index(earlier) < found.index(later)
    # The version that stands is the last of its path: each replaced the one before.
    for path, name in last.items():
        makers = [e.name for e in events if e.wrote[0].path == path]
        assert max(makers, key=found.index) == name


@given(histories())
def test_where_all_clocks_are_right_the_order_is_that_of_time(history):
    events, _ = history
    right = [
        Event(e.name, e.id, (NOON - timedelta(minutes=99 - i)).isoformat(), None, e.wrote, e.read,
              e.replaced)
        for i, e in enumerate(events)
    ]  # fmt: skip
    assert names(right) == [e.name for e in events]


def test_a_job_that_noted_the_last_record_comes_after_it():
    """Also where nothing stood: the results were removed before."""
    old = event("a", 0, wrote=[content("p", 1)])
    new = event("b", -60, wrote=[content("p", 2)])
    assert names([old, new]) == ["b", "a"]
    noted = event("b", -60, wrote=[content("p", 2)], after="a")
    assert names([old, noted]) == ["a", "b"]


def test_times_that_cannot_be_come_first():
    events = [
        event("9999", 0, ended="9999-12-31T23:59:59+00:00"),
        event("1970", 0, ended="1970-01-01T00:00:10+00:00"),
        event("none", 0, ended="yesterday"),
        event("over", 0, ended="9999-12-31T23:59:59-23:00"),
        event("naive", 0, ended="2026-06-01T11:00:00"),
        event("now", 0),
        event("hours ahead", 600),
    ]
    assert names(events)[-3:] == ["naive", "now", "hours ahead"]
    # What it followed still says where it belongs.
    late = event("late", 0, ended="9999-12-31T23:59:59+00:00", replaced=[("p", "d")])
    made = event("made", 0, wrote=[Content("p", "d", "d")])
    assert names([late, made, event("then", 1)]) == ["made", "late", "then"]


def test_results_copied_back_and_made_again_in_turn():
    one, two = content("p", 1), content("p", 2)
    events = [
        event(f"{i}", i, wrote=[(one, two)[i % 2]], replaced=[(two, one)[i % 2][:2]])
        for i in range(8)
    ]
    assert names(events) == [f"{i}" for i in range(8)]


def test_what_follows_a_circle_stays_behind_it():
    one, two = content("p", 1), content("p", 2)
    events = [
        event("a", 100, wrote=[one], replaced=[two[:2]]),
        event("b", 101, wrote=[two], replaced=[one[:2]]),
        event("z", -100, read=[two], wrote=[content("q", 1)]),
    ]
    assert names(events) == ["a", "b", "z"]


@pytest.mark.parametrize(("kind", "size"), [("chain", 10_000), ("circles", 2000), ("knot", 2000)])
def test_thousands_of_records(kind, size):
    """Also such that somebody made up: no recursion, no hours."""
    chance = random.Random(0)
    events = []
    for i in range(size):
        mine, before = content(f"p{i}", 0), content(f"p{i - 1}", 0)
        after = content(f"p{i + 1}", 0)
        replaced = {
            "chain": [before],
            "circles": [before, content(f"p{i ^ 1}", 0)],
            "knot": [before, after],
        }[kind]
        events.append(
            event(f"{i}", chance.random() * 1e4, wrote=[mine], replaced=[c[:2] for c in replaced])
        )
    start = time.perf_counter()
    found = order(events, LIMIT)
    assert time.perf_counter() - start < 10
    assert sorted(found) == list(range(size))
    if kind == "chain":
        assert found == list(range(size))


def test_records_in_order_and_a_warning_for_times_not_believed(tmp_path):
    store = Store(tmp_path)
    first = store.job("make", outputs=[made_up("a.pdf", "1")])
    store.job("make", outputs=[made_up("a.pdf", "2")], ended="9999-12-31T23:59:59+00:00")
    pairs = [(name, read_record(tmp_path / "provenance/records" / name))
             for name, _, _ in record_files(tmp_path)]  # fmt: skip
    with pytest.warns(RecordWarning, match=r"time of 1 record is not believed \(.*000001"):
        assert in_order(pairs)[-1] == first
