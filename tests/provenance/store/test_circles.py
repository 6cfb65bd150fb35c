"""Circles: against the definition, by what reaches what."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from layeratlas.provenance.store.circles import closed_circles


@given(st.lists(st.sets(st.integers(0, 8), max_size=3), min_size=9, max_size=9))
def test_circles_are_what_reaches_itself_and_nothing_else(graph):
    reach = [{i} | graph[i] for i in range(9)]
    for _ in range(9):
        reach = [set().union(*(reach[j] for j in r)) for r in reach]
    expected = {frozenset(r) for r in reach if all(reach[j] == r for j in r)}
    found = [frozenset(circle) for circle in closed_circles(range(9), graph.__getitem__)]
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_a_long_way_is_no_recursion():
    size = 50_000
    (circle,) = closed_circles(range(size), lambda i: [(i + 1) % size])
    assert sorted(circle) == list(range(size))
