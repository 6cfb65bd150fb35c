"""Record points: as JSON, by label, in the order a run comes to them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.runs.records import (
    Point,
    all_epochs,
    beginning,
    in_order,
    label_of,
    moment_of,
    parsed,
    plain_point,
    point_of,
    record_coordinates,
    union,
)

LABELS = st.sampled_from(["", "early", "mark_0.1"])
MARKS = st.builds(
    Point,
    loss_below=st.floats(1e-3, 10),
    times=st.integers(1, 3),
    label=LABELS,
    otherwise=st.sampled_from(["missing", "final"]),
)
POINTS = st.one_of(
    st.integers(0, 9),
    st.builds(Point, step=st.integers(0, 99), label=LABELS),
    st.builds(Point, epoch=st.integers(0, 9), label=st.sampled_from(["final", "middle"])),
    MARKS,
)


@given(POINTS)
def test_a_point_survives_its_json(point):
    assert parsed(json.loads(json.dumps(plain_point(point)))) == point


@pytest.mark.parametrize(
    "told",
    [
        "final", True, 1.0, None, [], {}, {"epoch": 1}, {"step": -1}, {"step": True},
        {"step": 1, "epoch": 1, "label": "x"}, {"step": 1, "colour": "red"}, {"step": 1.0},
        {"loss_below": "0.1"}, {"loss_below": 0.1, "times": 0},
        {"loss_below": 0.1, "otherwise": "first"}, {"step": 1, "label": 3},
    ],
)  # fmt: skip
def test_what_tells_no_point_is_none(told):
    with pytest.raises((ValueError, TypeError)):
        parsed(told)


@pytest.mark.parametrize(
    ("point", "label"),
    [
        (3, "epoch 3"),
        (Point(step=7), "step 7"),
        (Point(loss_below=0.1), "loss 0.1"),
        (Point(loss_below=0.02, times=2), "loss 0.02 x2"),
        (Point(epoch=9, label="final"), "final"),
    ],
)
def test_labels(point, label):
    assert label_of(point) == label
    assert label_of(point_of(point)) == label and point_of(3) == Point(epoch=3, label="epoch 3")
    told = record_coordinates([0, point])
    assert told["label"][1].tolist() == ["epoch 0", label]
    assert told["record"][1].tolist() == [0, 1]


@given(st.lists(POINTS, max_size=8), st.integers(1, 12))
def test_a_run_comes_to_its_points_in_this_order(points, steps):
    ordered = in_order(points, steps)
    assert {label_of(p) for p in ordered} == {label_of(p) for p in points}
    assert len({label_of(p) for p in ordered}) == len(ordered)
    moments = [moment_of(p, steps) for p in ordered]
    timed = [m for m in moments if m is not None]
    assert timed == sorted(timed) and moments[: len(timed)] == timed


@given(st.lists(st.lists(st.integers(0, 30), unique=True).map(sorted), min_size=1, max_size=3))
def test_epochs_of_several_runs_ascend(lists):
    assert list(union(lists)) == sorted({e for epochs in lists for e in epochs})


def test_points_of_several_runs_keep_the_order_of_each():
    short = (0, Point(step=5), Point(epoch=3, label="final"), Point(loss_below=0.1))
    long = (0, Point(step=5), Point(step=8), Point(epoch=9, label="final"), Point(loss_below=0.1))
    labels = [label_of(p) for p in union([short, long])]
    assert labels == ["epoch 0", "step 5", "step 8", "final", "loss 0.1"]
    assert all_epochs([0, 3]) and not all_epochs(short)


def test_the_beginning_is_epoch_0_by_any_name():
    init = Point(epoch=0, label="init")
    assert beginning([Point(step=3), init, 5]) == init
    assert beginning([1, 0]) == 0
    # Step 0 is no epoch, and is as it was asked for.
    assert beginning([1, Point(step=1), Point(loss_below=0.1)]) is None
