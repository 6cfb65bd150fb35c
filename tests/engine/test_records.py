"""Weights at record points: of steps, of marks, of runs that end before them, after any break."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch
from made.words import order

from layeratlas.backends import get_backend
from layeratlas.engine.kept import KeptInFile
from layeratlas.engine.loop import train_shard
from layeratlas.networks.registry import create_family
from layeratlas.runs.records import Point
from layeratlas.runs.status import DIVERGED, OK

SGD = {"optimizer": "sgd", "epochs": 4, "loss": "mean_squared_error"}
STEPS = 3  # of an epoch: 50 images in batches of 20


@pytest.fixture(params=[False, True], ids=["fused", "torch"])
def train(request, clouds):
    """`train(plan, **options)` on three clouds of 50 points, by either CPU backend."""
    images, labels = clouds()

    def call(plan, **options):
        backend = get_backend("cpu", plan.shared["dtype"], torch=request.param)
        return train_shard(plan, images, labels, n_outputs=3, backend=backend, **options)

    call.fused = not request.param
    return call


def naive(plan, clouds, plain_network, plain_loss, member):
    """Weights after each step, and its loss, of one network in plain torch."""
    images, labels = clouds()
    family = create_family(plan.shared["model"], (7,), 3)
    slope = plan.members["negative_slope"][member]
    network = plain_network(family, *family.initialize(plan.members["seed"]), member, slope)
    descent = torch.optim.SGD(network.parameters(), lr=plan.members["learning_rate"][member])
    losses, weights = [], [{k: v.detach().clone() for k, v in network.named().items()}]
    for epoch in range(1, plan.shared["training"]["epochs"] + 1):
        shuffled = order(plan.members["seed"][member], epoch, len(labels))
        for start in range(0, len(labels), 20):
            chosen = shuffled[start : start + 20]
            descent.zero_grad()
            out = network(torch.as_tensor(images[chosen]), None)[-1]
            loss = plain_loss(plan.shared["training"]["loss"])(out, torch.as_tensor(labels[chosen]))
            loss.backward()
            descent.step()
            losses.append(loss.item())
            weights.append({k: v.detach().clone() for k, v in network.named().items()})
    return losses, weights


def test_steps_are_those_of_the_textbook_loop(train, make_plan, clouds, plain_network, plain_loss):
    steps = (0, 1, 4, 6, 11, 12)
    points = tuple(Point(step=step) for step in steps)
    plan = make_plan(2, training=SGD, learning_rate=(0.1, 0.3), checkpoints=points)
    result = train(plan, slot_size=1)
    family = create_family(plan.shared["model"], (7,), 3)
    for member in range(2):
        _, weights = naive(plan, clouds, plain_network, plain_loss, member)
        for record, step in enumerate(steps):
            named = family.parameters.views(result.theta[:, record])
            for name, tensor in weights[step].items():
                np.testing.assert_allclose(named[name][member], tensor, rtol=1e-9, atol=1e-10)
    assert result.record_step.tolist() == [list(steps)] * 2
    np.testing.assert_allclose(result.record_epoch, [np.array(steps) / STEPS] * 2)
    assert result.reached.all()


def test_epochs_are_kept_bit_by_bit_beside_other_points(train, make_plan):
    options = {"training": SGD, "model": {"batch_norm": True}}
    epochs = train(make_plan(checkpoints=(0, 2, 4), **options))
    mixed = train(make_plan(
        checkpoints=(0, Point(step=1), Point(step=6), 2, Point(epoch=4, label="final"),
                     Point(loss_below=1e-9), Point(loss_below=1e9, times=2, otherwise="final")),
        **options,
    ))  # fmt: skip
    for name in ("theta", "statistics"):
        both = getattr(mixed, name)
        np.testing.assert_array_equal(both[:, [0, 3, 4]], getattr(epochs, name))
        np.testing.assert_array_equal(both[:, 2], both[:, 3])
        np.testing.assert_array_equal(both[:, 6], both[:, 3])
        assert np.isnan(both[:, 5]).all()
    np.testing.assert_array_equal(mixed.train_loss, epochs.train_loss)
    assert mixed.record_step.tolist() == [[0, 1, 6, 6, 12, -1, 6]] * 3
    assert mixed.reached.tolist() == [[True] * 5 + [False, True]] * 3


@pytest.mark.parametrize("times", [1, 2])
def test_a_mark_is_the_end_of_the_epoch_that_the_naive_running_loss_says(
    train, make_plan, clouds, plain_network, plain_loss, times
):
    settings = SGD | {"epochs": 8}
    rates = (0.02, 0.1, 0.3)
    ends = []
    every = make_plan(training=settings, learning_rate=rates, checkpoints=tuple(range(9)))
    for member in range(3):
        losses, _ = naive(every, clouds, plain_network, plain_loss, member)
        running = [losses[0]]
        for loss in losses[1:]:
            running.append(0.9 * running[-1] + 0.1 * loss)
        ends.append(running[STEPS - 1 :: STEPS])
    bound = float(np.sort(np.ravel(ends))[10:12].mean())
    points = (Point(loss_below=bound, times=times), Point(epoch=8, label="final"))
    plan = make_plan(training=settings, learning_rate=rates, checkpoints=points)
    result, at_epoch = train(plan), train(every)
    came = []
    for member, curve in enumerate(ends):
        below = [loss < bound for loss in curve]
        twin = [e for e in range(times, 9) if all(below[e - times : e])]
        came.append(bool(twin))
        assert result.record_epoch[member, 0] == (twin[0] if twin else -1)
        assert result.reached[member, 0] == bool(twin)
        nothing = np.full_like(at_epoch.theta[member, 0], np.nan)
        expected = at_epoch.theta[member, twin[0]] if twin else nothing
        np.testing.assert_array_equal(result.theta[member, 0], expected)
    assert any(came) and not all(came)


def test_runs_that_stop_have_their_last_weights_at_later_points(train, make_plan):
    """And at marks that they did not come to, where these ask for it."""
    stop = {"loss_below": 1e6, "change_below": 0.0}
    points = (
        Point(step=2), Point(step=5), 3, Point(loss_below=1e-9),
        Point(loss_below=1e-9, label="or_last", otherwise="final"),
        Point(loss_below=1e9, times=1, label="came"),
    )  # fmt: skip
    result = train(make_plan(2, training=SGD | {"early_stop": stop}, checkpoints=points))
    plain = train(make_plan(2, training=SGD, checkpoints=(1,)))
    assert result.epochs_run.tolist() == [1, 1]
    assert result.record_step.tolist() == [[2, 3, 3, -1, 3, 3]] * 2
    assert result.reached.tolist() == [[True, False, False, False, False, True]] * 2
    for record in (1, 2, 4, 5):
        np.testing.assert_array_equal(result.theta[:, record], plain.theta[:, 0])
    assert np.isnan(result.theta[:, 3]).all()


@pytest.mark.parametrize("times", [1, 2])
def test_a_run_may_end_at_its_mark(train, make_plan, times):
    """With the numbers that it has up to there, and, later, its last weights."""
    rates = (0.3, 0.1, 1e-4)
    mark = Point(loss_below=0.25, times=times, label="mark")
    points = (0, mark, Point(loss_below=1e-9, otherwise="final"), Point(epoch=8, label="final"))
    settings = SGD | {"epochs": 8}
    whole = train(make_plan(training=settings, learning_rate=rates, checkpoints=points))
    stop = {"loss_below": 0.0, "change_below": 0.0, "running_loss_below": 0.25, "times": times}
    ended = train(
        make_plan(training=settings | {"early_stop": stop}, learning_rate=rates, checkpoints=points)
    )
    unmarked = train(
        make_plan(
            training=settings | {"early_stop": stop}, learning_rate=rates,
            checkpoints=(Point(epoch=8, label="final"),),
        )
    )  # fmt: skip
    came = whole.record_epoch[:, 1]
    assert (came[:2] > 0).all() and (came[:2] < 8).any() and came[2] == -1
    expected = np.where(came < 0, 8, came)
    for found in (ended, unmarked):
        np.testing.assert_array_equal(found.epochs_run, expected)
        np.testing.assert_array_equal(found.theta[:, -1][:2], whole.theta[:2, 1])
        np.testing.assert_array_equal(found.theta[2, -1], whole.theta[2, -1])
        for member, epochs in enumerate(expected.astype(int)):
            both = (found.train_loss[member], whole.train_loss[member])
            np.testing.assert_array_equal(both[0][:epochs], both[1][:epochs])
            assert np.isnan(both[0][epochs:]).all()
    np.testing.assert_array_equal(ended.theta[:, :2], whole.theta[:, :2])
    np.testing.assert_array_equal(ended.theta[:2, 2], whole.theta[:2, 1])
    assert ended.reached[0].tolist() == [True, True, False, came[0] == 8]


def test_a_diverged_run_has_no_weights_at_points_that_it_had_not_passed(train, make_plan):
    points = (0, Point(step=4), Point(step=7), Point(loss_below=1e30, times=1),
              Point(loss_below=1e-9, otherwise="final"), Point(epoch=4, label="final"))  # fmt: skip
    plan = make_plan(
        2, training=SGD, learning_rate=(1e-2, 1e6), checkpoints=points, dtype="float32"
    )
    result = train(plan)
    np.testing.assert_array_equal(result.status, [OK, DIVERGED])
    ended = result.epochs_run[1]
    assert ended < 4
    assert np.isfinite(result.theta[0]).all()
    assert result.record_step[1, 5] == result.record_step[1, 4] == -1
    assert np.isnan(result.theta[1, 4:]).all() and not result.reached[1, 4:].any()
    assert result.reached[1, 0]


def test_weights_that_break_in_the_step_of_a_record_are_not_kept(train, make_plan):
    """A rate that no float32 holds: infinite weights after one step, from a finite loss."""
    training = {"optimizer": "sgd", "epochs": 1, "batch_size": "full"}
    plan = make_plan(2, training=training, learning_rate=(1e-2, 1e39), dtype="float32",
                     checkpoints=(0, Point(step=1)))  # fmt: skip
    result = train(plan)
    np.testing.assert_array_equal(result.status, [OK, DIVERGED])
    assert result.record_step.tolist() == [[0, 1], [0, -1]]
    assert np.isnan(result.theta[1, 1]).all() and np.isfinite(result.theta[:, 0]).all()


def a_plan(make_plan, **options):
    points = (
        0, Point(step=1), Point(step=4), Point(step=8), 2, Point(loss_below=0.25, times=2),
        Point(loss_below=0.28, times=1, otherwise="final"), Point(epoch=4, label="final"),
        Point(loss_below=1e9, times=3),
    )  # fmt: skip
    stop = {"loss_below": 0.0, "change_below": 0.0, "running_loss_below": 0.2, "times": 1}
    return make_plan(
        training=SGD | {"early_stop": stop}, learning_rate=(0.3, 0.1, 0.02), checkpoints=points,
        model={"batch_norm": True}, dtype="float32", **options,
    )  # fmt: skip


@pytest.mark.parametrize("in_file", [False, True], ids=["memory", "file"])
def test_a_run_goes_on_from_any_state_to_the_same_records(train, make_plan, tmp_path, in_file):
    plan = a_plan(make_plan)
    kept = {"kept": partial(KeptInFile, tmp_path / "weights")} if in_file else {}
    whole = train(plan, slot_size=2).arrays()
    states: list[dict] = []
    save = lambda arrays: states.append({k: v.copy() for k, v in arrays.items()})  # noqa: E731
    made = train(plan, slot_size=2, save=save, save_every=0, **kept)
    assert len(states) > 6
    for state in [None, *states[::3]]:
        found = train(plan, slot_size=2, resume=state, **kept) if state else made
        for name, value in whole.items():
            np.testing.assert_array_equal(found.arrays()[name], value, err_msg=name)
        found.kept.discard()
        if in_file and state is None:
            # Without its file no state counts, and training starts anew.
            found = train(plan, slot_size=2, resume=states[2], **kept)
            np.testing.assert_array_equal(found.arrays()["theta"], whole["theta"])


def test_records_are_a_runs_own_in_any_slot_and_shard(train, make_plan, select):
    if not train.fused:
        pytest.skip("torch chooses its products by the size of the stack")
    plan = a_plan(make_plan)
    whole = train(plan, slot_size=3).arrays()
    for rows, size in (([0, 1, 2], 1), ([2, 0], 2), ([1], 3)):
        found = train(select(plan, rows), slot_size=size).arrays()
        for name, value in whole.items():
            np.testing.assert_array_equal(found[name], value[rows], err_msg=name)


class Killed(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


def killing(monkeypatch, nth: int, place: str) -> None:
    """The nth row written is the last thing that the job does: before, half of it, or after."""
    write, calls = KeptInFile._write, iter(range(1, 10**6))

    def fatal(self, content, at):
        if next(calls) != nth:
            return write(self, content, at)
        parts = {"before": 0, "within": len(content) // 2, "after": len(content)}
        write(self, content[: parts[place]], at)
        raise Killed

    monkeypatch.setattr(KeptInFile, "_write", fatal)


@pytest.mark.parametrize("place", ["before", "within", "after"])
def test_a_job_that_dies_at_a_record_leaves_the_same_records(
    train, make_plan, tmp_path, monkeypatch, place
):
    """Again and again, each time a few rows later, going on from the last state saved."""
    plan = a_plan(make_plan)
    whole = train(plan, slot_size=2).arrays()
    kept = partial(KeptInFile, tmp_path / "weights")
    states: list[dict] = []
    save = lambda arrays: states.append({k: v.copy() for k, v in arrays.items()})  # noqa: E731
    deaths, nth = 0, 3
    while True:
        with monkeypatch.context() as patch:
            killing(patch, nth, place)
            try:
                result = train(plan, slot_size=2, kept=kept, save=save, save_every=0,
                               resume=states[-1] if states else None)  # fmt: skip
                break
            except Killed:
                deaths, nth = deaths + 1, nth + 3
    assert deaths > 4
    for name, value in whole.items():
        np.testing.assert_array_equal(result.arrays()[name], value, err_msg=name)
    result.kept.discard()
