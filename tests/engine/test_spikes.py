"""Who jumped back: the guard itself, runs under it, and going on after a break."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.backends import get_backend
from layeratlas.engine.loop import train_shard
from layeratlas.engine.spikes import spiked
from layeratlas.runs.status import DIVERGED, EXPLODED, OK, SPIKED

GUARD = {"below": 0.5, "above": 0.75}


@pytest.mark.parametrize(
    ("losses", "found"),
    [
        ([5, 1, 0.4, 0.6, 0.3], False),  # up, not far enough
        ([5, 1, 0.4, 0.8, 0.3], True),  # and down again
        ([5, 1, 0.4, 0.3, 0.76], True),  # at the end
        ([5, 0.6, 0.9, 0.4, 0.3], False),  # up before it was small
        ([5, 0.5, 0.9, 0.5, 0.9], False),  # at the bound is not below it
        ([5, 0.4, 0.75, 0.4, 0.75], False),  # nor above it
        ([0.1, 0.2, 0.3, 0.74, 0.9], True),  # small from the start
        ([5, 1, 0.4, np.nan, np.nan], False),  # ended
        ([5, 0.4, np.inf, np.nan, np.nan], True),
        ([], False),
    ],
)
def test_what_a_spike_is(losses, found):
    assert spiked(np.array([losses], float), GUARD).tolist() == [found]
    assert spiked(np.array([losses], float), None).tolist() == [False]


@given(st.lists(st.lists(st.floats(0, 2), min_size=7, max_size=7), max_size=5))
def test_it_is_what_a_loop_finds(rows):
    expected = []
    for row in rows:
        small = jumped = False
        for loss in row:
            small = small or loss < GUARD["below"]
            jumped = jumped or (small and loss > GUARD["above"])
        expected.append(jumped)
    assert spiked(np.array(rows).reshape(-1, 7), GUARD).tolist() == expected


# --- of runs ------------------------------------------------------------------------------------


@pytest.fixture(params=[False, True], ids=["fused", "torch"])
def train(request, clouds):
    images, labels = clouds()

    def call(plan, **options):
        backend = get_backend("cpu", plan.shared["dtype"], torch=request.param)
        return train_shard(plan, images, labels, n_outputs=3, backend=backend, **options)

    return call


@pytest.fixture
def edgy(make_plan):
    """`edgy(**training)`: three runs by full batches, the second with steps far too long."""

    def plan(**training):
        settings = {"optimizer": "sgd", "epochs": 12, "loss": "mean_squared_error"}
        settings |= {"batch_size": "full", "early_stop": None, **training}
        return make_plan(3, training=settings, learning_rate=(1e-1, 2.0, 1e-1), dtype="float64")

    return plan


@pytest.fixture
def guard(train, edgy):
    """Bounds that the second run passes in both directions, as its losses are."""
    losses = train(edgy()).train_loss
    rises = losses[1, 1:] - losses[1, :-1]
    at = int(rises.argmax())
    low, high = losses[1, at : at + 2]
    assert high > low and (np.diff(losses[[0, 2]]) < 0).all()
    return {"below": low + 0.25 * (high - low), "above": low + 0.75 * (high - low)}


def test_a_run_that_jumps_back_is_kept_and_told_and_no_number_moves(train, edgy, guard):
    plain, guarded = train(edgy()), train(edgy(loss_spike=guard))
    assert plain.status.tolist() == [OK, OK, OK]
    assert guarded.status.tolist() == [OK, SPIKED, OK]
    for name, value in guarded.arrays().items():
        if name != "status":
            np.testing.assert_array_equal(value, plain.arrays()[name], err_msg=name)


def test_a_lower_bound_that_no_loss_passes_finds_nothing(train, edgy, guard):
    lowest = float(train(edgy()).train_loss[1].min())
    far = {"below": lowest * 0.99, "above": guard["above"]}
    assert train(edgy(loss_spike=far)).status.tolist() == [OK, OK, OK]


def test_worse_ends_are_told_before_a_spike(train, edgy, guard, make_plan):
    last = train(edgy()).train_loss[1, -1]
    exploding = edgy(loss_spike=guard, explosion_limit=last / 2)
    assert train(exploding).status[1] == EXPLODED
    tiny = {"below": 1e6, "above": 1e6}
    broken = {"optimizer": "sgd", "epochs": 8, "loss": "mean_squared_error", "loss_spike": tiny}
    plan = make_plan(1, training=broken, learning_rate=1e6, dtype="float32")
    assert train(plan).status[0] == DIVERGED


def test_what_was_seen_before_a_break_counts_after_it(train, edgy, guard):
    """Broken off at every epoch in turn: the spike may lie before, at or after the break."""
    plan, saved = edgy(loss_spike=guard), []
    whole = train(plan, save=lambda arrays: saved.append(copied(arrays)), save_every=-1.0)
    assert len(saved) == 12
    for arrays in saved:
        np.testing.assert_array_equal(train(plan, resume=arrays).status, whole.status)


def copied(arrays):
    return {name: np.array(value) for name, value in arrays.items()}
