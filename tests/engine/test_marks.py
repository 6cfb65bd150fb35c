"""Marks: the running loss and when it has been below for long enough, against a naive loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.engine.marks import MarkCounts, running
from layeratlas.runs.records import Point

CURVES = st.lists(
    st.lists(st.sampled_from([0.05, 0.15, 0.3, np.nan]), min_size=2, max_size=2),
    min_size=1, max_size=9,
)  # fmt: skip


@given(CURVES, st.integers(1, 3))
def test_a_mark_comes_once_after_so_many_epochs_below(curve, times):
    points = (0, Point(loss_below=0.1, times=times), Point(loss_below=0.2))
    counts = MarkCounts.fresh(points, 2)
    came = {}
    for epoch, losses in enumerate(curve, start=1):
        counts.running_loss = np.array(losses)
        counts.judge()
        for record, members in counts.taken():
            for member in np.flatnonzero(members):
                assert (record, member) not in came
                came[record, member] = epoch
        assert not list(counts.taken())
    for record, bound, needed in ((1, 0.1, times), (2, 0.2, 1)):
        for member in (0, 1):
            below = [row[member] < bound for row in curve]
            ends = [e for e in range(needed, len(curve) + 1) if all(below[e - needed : e])]
            assert came.get((record, member)) == (ends[0] if ends else None)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_the_running_loss_is_an_exponential_average_from_the_first_loss_on(dtype):
    losses = np.random.default_rng(1).random((20, 3)).astype(dtype)
    average, twin = np.zeros(3), losses[0].astype(float)
    for step, loss in enumerate(losses):
        average = running(average, loss, first=step == 0)
        if step:
            twin = 0.9 * twin + 0.1 * loss
    assert average.dtype == np.float64
    np.testing.assert_allclose(average, twin, rtol=1e-6 if dtype == "f4" else 1e-14)


@given(CURVES, st.integers(1, 3))
def test_the_mark_that_ends_a_run_has_no_record_and_comes_as_any(curve, times):
    stop = {"loss_below": 0.0, "running_loss_below": 0.1, "times": times}
    points = (Point(loss_below=0.2), Point(loss_below=0.1, times=times))
    counts = MarkCounts.fresh(points, 2, stop)
    alone = MarkCounts.fresh((), 2, stop)
    came = np.zeros(2, bool)
    for losses in curve:
        for each in (counts, alone):
            each.running_loss = np.array(losses)
            each.judge()
        for record, members in counts.taken():
            came |= members & (record == 1)
        assert not list(alone.taken())
        np.testing.assert_array_equal(counts.ended(), came)
        np.testing.assert_array_equal(alone.ended(), came)


@pytest.mark.parametrize("stop", [None, {"loss_below": 1.0, "change_below": 0.0}])
def test_nobody_ends_at_a_mark_where_none_is_asked_for(stop):
    counts = MarkCounts.fresh((Point(loss_below=1e9),), 2, stop)
    counts.judge()
    assert not counts.ended().any() and counts.records == (0,)


def test_members_that_leave_take_their_counts_along():
    counts = MarkCounts.fresh((Point(loss_below=1.0, times=2),), 3)
    counts.running_loss = np.array([0.5, 2.0, 0.7])
    counts.judge()
    counts.select(np.array([False, True, True]))
    counts.running_loss = np.array([0.5, 0.5])
    counts.judge()
    assert [members.tolist() for _, members in counts.taken()] == [[False, True]]
