"""Record points of a file: which of them runs of any length keep."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.config.records import Records, records
from layeratlas.errors import ConfigError
from layeratlas.runs.records import Point, label_of


def asked_of(asked, *paces) -> Records:
    return records(asked, "training.epochs", paces, "x.yaml")


def test_epochs_mean_what_checkpoints_would():
    found = asked_of([{"epoch": 4}, {"epoch": 0}, "final", {"every": 3, "unit": "epoch"}], (10, 7))
    assert found.by_epoch
    assert found.of(10, 7) == (0, 3, 4, 6, 9, 10)
    assert found.of(3, 7) == (0, 3)


@given(
    factor=st.floats(1.001, 4), start=st.integers(1, 20), steps=st.integers(1, 300)
)  # fmt: skip
def test_a_logarithmic_series_is_its_formula(factor, start, steps):
    found = Records.model_validate(
        {"entries": ({"every": factor, "unit": "step", "start": start}, "final")}
    ).of(1, steps)
    formula = (math.floor(start * factor**k) for k in itertools.count())
    twin = sorted(set(itertools.takewhile(lambda step: step <= steps, formula)))
    assert [point.step for point in found if point.label != "final"] == twin
    assert found[-1] == Point(epoch=1, label="final")


def test_points_of_all_sorts_in_the_order_of_a_run():
    asked = [
        {"loss_below": 0.1, "label": "mark_0.1"}, "final", {"step": 25}, {"epoch": 2, "label": "b"},
        {"epoch": 0}, {"every": 20, "unit": "step"}, {"loss_below": 0.02, "otherwise": "final"},
    ]  # fmt: skip
    labels = [label_of(point) for point in asked_of(asked, (3, 15)).of(3, 15)]
    assert labels == [
        "epoch 0", "step 0", "step 20", "step 25", "b", "step 40", "final", "mark_0.1",
        "loss 0.02 x2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            [{"epoch": 6}],
            "records[0]: expected an epoch from 0 to 5, the last of training",
        ),
        ([{"epoch": 0}, {"step": 51}], "records[1]: expected a step from 0 to 50, the last of"),
        ([{"every": 2, "unit": "step", "start": 60}], "records[0]: expected a step from 0 to 50"),
        ([{"epoch": 4}], "records: runs of training.epochs 2 reach none of them; add 'final'"),
    ],
)
def test_what_no_run_comes_to_is_refused(asked, told):
    with pytest.raises(ConfigError) as caught:
        asked_of(asked, (2, 10), (5, 10))
    assert str(caught.value).startswith(f"x.yaml: {told}")


@pytest.mark.parametrize(
    "asked", [{"every": 1, "unit": "step"}, {"every": 1.001, "unit": "step", "start": 1}]
)
def test_more_than_a_run_keeps_is_refused_before_it_is_listed(asked):
    with pytest.raises(ConfigError, match="a run keeps at most 20000"):
        asked_of([asked], (10**9, 10**9))


def test_a_run_that_may_come_to_a_mark_keeps_enough():
    assert asked_of([{"loss_below": 0.1}], (2, 10)).of(2, 10) == (Point(loss_below=0.1, times=2),)
