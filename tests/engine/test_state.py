"""How runs end: divergence, early stops, checkpoints, and going on after a break."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from layeratlas.backends import get_backend
from layeratlas.engine import checkpoint, loop
from layeratlas.engine.loop import train_shard
from layeratlas.engine.optimizers import registry as optimizers
from layeratlas.engine.optimizers.registry import OPTIMIZERS, OptimizerEntry
from layeratlas.engine.start import start_of
from layeratlas.engine.state import ShardResult, ShardState
from layeratlas.errors import StoppedError
from layeratlas.networks.registry import create_family
from layeratlas.runs.status import DIVERGED, EXPLODED, OK


@pytest.fixture(params=[False, True], ids=["fused", "torch"])
def train(request, clouds):
    """`train(plan, **options)` on three clouds of 50 points, by either CPU backend."""
    images, labels = clouds()

    def call(plan, **options) -> ShardResult:
        backend = get_backend("cpu", plan.shared["dtype"], torch=request.param)
        return train_shard(plan, images, labels, n_outputs=3, backend=backend, **options)

    call.name = "torch" if request.param else "fused"
    return call


def assert_same(got: ShardResult, expected: ShardResult, rows=slice(None), bits=True) -> None:
    """`rows` picks runs of `expected`. Without `bits`, float32 may differ in the last ones."""
    tolerance = 0 if bits else 1e-4
    for name, value in got.arrays().items():
        other = expected.arrays()[name][rows]
        np.testing.assert_allclose(value, other, rtol=tolerance, atol=tolerance, err_msg=name)


# Only the fused backend promises a member the same bits whatever its slot.
@pytest.fixture
def fused(train) -> bool:
    return train.name == "fused"


# --- divergence ---------------------------------------------------------------------------------


@pytest.fixture
def diverging(make_plan):
    """Run 1 of 3 blows up at once."""
    return make_plan(
        3,
        training={"optimizer": "sgd", "epochs": 6, "loss": "mean_squared_error"},
        learning_rate=(1e-2, 1e6, 1e-2),
        checkpoints=(0, 3, 6),
        dtype="float32",
    )


def test_a_diverged_run_is_marked_and_kept_as_nan(train, diverging):
    result = train(diverging)
    np.testing.assert_array_equal(result.status, [OK, DIVERGED, OK])
    assert result.theta.shape[0] == 3
    assert np.isfinite(result.theta[1, 0]).all()
    ended = result.epochs_run[1]
    assert ended < 6
    for i, epoch in enumerate(diverging.checkpoints):
        if epoch >= ended:
            assert np.isnan(result.theta[1, i]).all() and np.isnan(result.statistics[1, i]).all()
    assert not np.isfinite(result.train_loss[1, ended - 1])
    assert np.isnan(result.train_loss[1, ended:]).all()
    assert np.isfinite(result.theta[[0, 2]]).all()


def test_neighbours_of_a_diverged_run_do_not_notice(train, diverging, select, fused):
    together = train(diverging)
    for i in range(3):
        assert_same(train(select(diverging, [i])), together, [i], bits=fused)


def test_weights_that_break_in_the_last_step_count_as_diverged(train, make_plan):
    """A loss is taken before its step; the step after it may still overflow."""
    plan = make_plan(
        1,
        training={"optimizer": "sgd", "epochs": 1, "batch_size": "full"},
        learning_rate=1e6,
        dtype="float32",
    )
    healthy = train(plan)
    assert healthy.status[0] == OK and np.isfinite(healthy.theta).all()
    # A rate that no float32 holds: infinite weights after one step, from a finite loss.
    broken = train(make_plan(1, training=plan.shared["training"], learning_rate=1e39,
                             dtype="float32"))  # fmt: skip
    assert np.isfinite(broken.train_loss[0, 0])
    assert broken.status[0] == DIVERGED and np.isnan(broken.theta[0, -1]).all()


# --- explosion ---------------------------------------------------------------------------------


@pytest.fixture
def exploding(make_plan):
    """`exploding(limit)`: of three runs in float64 the second ends at a finite but absurd loss."""

    def plan(**limit):
        settings = {"optimizer": "sgd", "epochs": 2, "loss": "mean_squared_error"}
        settings |= {"batch_size": "full", **limit}
        rates = (1e-1, 1e6, 1e-1)
        return make_plan(3, training=settings, learning_rate=rates, dtype="float64")

    return plan


def test_a_run_that_ends_at_an_absurd_loss_is_not_ok(train, exploding):
    result = train(exploding())
    assert np.isfinite(result.train_loss).all() and np.isfinite(result.theta).all()
    assert result.train_loss[1, -1] > 1e12
    np.testing.assert_array_equal(result.status, [OK, EXPLODED, OK])


def test_the_limit_of_explosion_is_a_setting_and_changes_no_number(train, exploding):
    whole = train(exploding())
    last = whole.train_loss[1, -1]
    for limit, status in ((last * 2, OK), (last / 2, EXPLODED)):
        result = train(exploding(explosion_limit=limit))
        assert result.status[1] == status
        np.testing.assert_array_equal(result.theta, whole.theta)


def test_only_the_last_loss_counts(train, exploding):
    """A limit that the healthy runs are above at first, and below at last: they are ok."""
    first, last = train(exploding()).train_loss[[0, 2]].max(axis=0)
    limit = (first + last) / 2
    assert first > limit > last
    np.testing.assert_array_equal(
        train(exploding(explosion_limit=limit)).status, [OK, EXPLODED, OK]
    )


# --- an epoch's loss, and the weights after it ---------------------------------------------------


@pytest.fixture
def opened(make_plan, clouds):
    """`opened(early_stop)`: the state of three runs of four epochs, their slot open."""

    def call(early_stop=None) -> ShardState:
        plan = make_plan(3, training={"epochs": 4, "early_stop": early_stop}, checkpoints=(0, 2, 4))
        family = create_family(plan.shared["model"], (7,), 3)
        state = ShardState.fresh(plan, family)
        state.open_slot(start_of(plan, family, *clouds()), 3)
        return state

    return call


def leaving_at(state: ShardState, losses) -> list[bool]:
    """Which members leave after an epoch of these mean losses."""
    state.slot.epoch += 1
    return state.record_epoch(
        np.array(losses), state.plan.shared["training"]["early_stop"]
    ).tolist()


def test_a_loss_that_is_no_finite_number_ends_its_run(opened):
    state = opened()
    assert leaving_at(state, [np.inf, np.nan, 1e300]) == [True, True, False]
    np.testing.assert_array_equal(state.result.status, [DIVERGED, DIVERGED, OK])
    np.testing.assert_array_equal(state.result.epochs_run, 1)
    np.testing.assert_array_equal(state.result.train_loss[:, 0], [np.inf, np.nan, 1e300])


def test_a_run_stands_still_where_its_loss_is_that_of_the_epoch_before(opened):
    """Up or down, and not that of the best epoch so far; the first epoch has none before."""
    state = opened({"loss_below": 0.0, "change_below": 0.1})
    assert leaving_at(state, [1.0, 1.0, 1.0]) == [False, False, False]
    assert leaving_at(state, [2.0, 0.5, 0.5]) == [False, False, False]
    assert leaving_at(state, [1.05, 0.45, 0.55]) == [False, True, True]


def test_a_run_has_learnt_enough_below_its_bound_and_not_at_it(opened):
    state = opened({"loss_below": 0.5, "change_below": 0.0})
    assert leaving_at(state, [0.5, 0.49, 0.51]) == [False, True, False]


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_one_broken_weight_is_enough_to_diverge(opened, broken):
    state = opened()
    state.slot.epoch = 2
    state.slot.theta[1, 5] = broken
    state.release(np.array([True, True, False]))
    np.testing.assert_array_equal(state.result.status, [OK, DIVERGED, OK])
    for array in (state.result.theta, state.result.statistics):
        assert np.isfinite(array[0]).all()
        assert np.isfinite(array[1, 0]).all() and np.isnan(array[1, 1:]).all()
    np.testing.assert_array_equal(state.slot.members, [2])
    np.testing.assert_array_equal(state.done, [True, True, False])


def test_what_breaks_in_its_last_step_has_diverged_however_large_its_loss(opened):
    state = opened()
    state.slot.epoch = 2
    state.slot.theta[1, 5] = np.nan
    state.slot.last_loss = np.array([1e9, 1e9, 1e9])
    state.release(np.array([True, True, False]))
    np.testing.assert_array_equal(state.result.status, [EXPLODED, DIVERGED, OK])
    assert np.isfinite(state.result.theta[0]).all() and np.isnan(state.result.theta[1, 1:]).all()


def test_who_stays_keeps_its_own_moments(opened):
    state = opened()
    for moment in state.slot.moments:
        moment[:] = np.arange(3)[:, None]
    state.release(np.array([True, False, False]))
    for moment in state.slot.moments:
        np.testing.assert_array_equal(moment[:, 0], [1, 2])


# --- early stops --------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["loss_below", "change_below"])
def test_early_stop(train, make_plan, select, rule, fused):
    """A member stops at the first epoch that meets the rule, and keeps its weights from there."""
    free = make_plan(3, training={"epochs": 12}, learning_rate=(1e-2, 3e-2, 1e-4),
                     checkpoints=tuple(range(13)))  # fmt: skip
    whole = train(free)
    curve = whole.train_loss
    change = np.abs(np.diff(curve, axis=1, prepend=np.inf))
    watched = curve if rule == "loss_below" else change
    bound = float(np.sort(watched[1])[6])
    stops = {"loss_below": 0.0, "change_below": 0.0, rule: bound}
    plan = make_plan(3, training={"epochs": 12, "early_stop": stops},
                     learning_rate=(1e-2, 3e-2, 1e-4), checkpoints=tuple(range(13)))  # fmt: skip
    result = train(plan)
    assert (result.status == OK).all()
    for e in range(3):
        met = np.flatnonzero(watched[e] < bound)
        ended = met[0] + 1 if len(met) else 12
        assert result.epochs_run[e] == ended
        np.testing.assert_array_equal(result.train_loss[e, :ended], curve[e, :ended])
        assert np.isnan(result.train_loss[e, ended:]).all()
        for epoch in range(13):
            expected = whole.theta[e, min(epoch, ended)]
            np.testing.assert_array_equal(result.theta[e, epoch], expected)
        assert_same(train(select(plan, [e])), result, [e], bits=fused)
    assert result.epochs_run[1] < 12


# --- checkpoints -------------------------------------------------------------------------------


def test_no_epochs_leave_the_initial_weights(train, make_plan):
    plan = make_plan(2, training={"epochs": 0}, checkpoints=(0,))
    result = train(plan, slot_size=1)
    assert result.theta.shape[:2] == (2, 1) and np.isfinite(result.theta).all()
    assert result.train_loss.shape == (2, 0)
    np.testing.assert_array_equal(result.epochs_run, 0)
    np.testing.assert_array_equal(result.status, OK)


def test_checkpoints_are_the_weights_of_their_epochs(train, make_plan):
    changes = {"model": {"batch_norm": True}, "dropout": 0.2}
    chosen = train(make_plan(training={"epochs": 5}, checkpoints=(0, 3, 5), **changes))
    for i, epochs in enumerate((0, 3, 5)):
        short = train(make_plan(training={"epochs": epochs}, checkpoints=(epochs,), **changes))
        np.testing.assert_array_equal(chosen.theta[:, i], short.theta[:, 0])
        np.testing.assert_array_equal(chosen.statistics[:, i], short.statistics[:, 0])


def test_progress_ends_at_every_network_epoch(train, make_plan):
    stops = {"loss_below": 0.9, "change_below": 0.0}
    for size in (1, 2, 5):
        told = []
        plan = make_plan(5, training={"epochs": 6, "early_stop": stops},
                         learning_rate=(1e-1, 1e-4, 1e-2, 1e-1, 1e-3))  # fmt: skip
        train(plan, slot_size=size, progress=told.append)
        assert sum(told) == 30 and min(told) >= 0


# --- going on -----------------------------------------------------------------------------------


@pytest.fixture
def eventful(make_plan):
    """Five runs in slots of two: one diverges, some stop early, noise and dropout everywhere."""
    return make_plan(
        5,
        model={"batch_norm": True},
        training={"epochs": 5, "early_stop": {"loss_below": 0.6, "change_below": 0.0}},
        checkpoints=(0, 2, 5),
        learning_rate=(1e-2, 1e-1, 1e39, 1e-3, 3e-2),
        dropout=0.1,
        label_noise=0.2,
        input_noise=0.2,
        dtype="float32",
    )


def test_a_resumed_shard_is_the_same_from_every_step(train, eventful, tmp_path, fused):
    whole = train(eventful, slot_size=2)
    assert set(whole.status) == {OK, DIVERGED} and len(set(whole.epochs_run)) > 2
    states, path = [], tmp_path / "deep" / "state.npz"

    def save(arrays):
        checkpoint.save(path, "mine", arrays)
        states.append(checkpoint.load(path, "mine"))

    assert_same(train(eventful, slot_size=2, save=save, save_every=0), whole)
    assert len(states) >= 10
    # The plain twin takes ten times as long: every third of them.
    for state in states[:: 1 if fused else 3]:
        assert_same(train(eventful, slot_size=2, resume=state), whole)
        # Another machine may choose another slot size.
        assert_same(train(eventful, slot_size=3, resume=state), whole, bits=fused)


@pytest.mark.parametrize(
    "rule",
    [
        {"optimizer": "adamw", "weight_decay": 0.1},
        {"optimizer": "sgd", "momentum": 0.9, "nesterov": True, "weight_decay": 1e-3},
        {"optimizer": "blockwise", "optimizer_settings": {"rule": "cap"}},
        {"optimizer": "own"},
    ],
    ids=lambda rule: rule["optimizer"],
)
def test_any_rule_is_resumed_amid_its_schedule(train, make_plan, monkeypatch, rule, fused):
    monkeypatch.setattr(optimizers, "resolve", _own_or(optimizers.resolve))
    own = OptimizerEntry("own", "extensions.own:momentum", moments=1, settings={"decay": 0.9})
    monkeypatch.setitem(OPTIMIZERS._entries, "own", own)
    schedule = [{"name": "warm_up", "steps": 4}, "cosine"]
    plan = make_plan(3, training={"epochs": 3, "schedule": schedule, **rule}, dropout=0.1,
                     dtype="float32")  # fmt: skip
    states: list = []
    keep = lambda arrays: states.append({k: v.copy() for k, v in arrays.items()})  # noqa: E731
    whole = train(plan, slot_size=2, save=keep, save_every=0)
    still = train(make_plan(3, training={"epochs": 3, **rule}, dropout=0.1, dtype="float32"))
    assert not np.array_equal(still.theta[:, -1], whole.theta[:, -1])
    for state in states:
        assert_same(train(plan, slot_size=2, resume=state), whole)
    assert_same(train(plan, slot_size=3, resume=states[0]), whole, bits=fused)


def _own_or(resolve):
    """`resolve`, which knows the function below."""
    return lambda code: momentum if code == "extensions.own:momentum" else resolve(code)


def momentum(theta, gradient, state, rate, step, settings):
    """Heavy-ball momentum of somebody's own."""
    velocity = settings["decay"] * state[0] + gradient
    return theta - rate * velocity, (velocity,)


def test_a_resumed_shard_can_be_saved_and_broken_again(train, eventful):
    whole = train(eventful, slot_size=2)

    class KilledError(Exception):
        pass

    state = None
    for _ in range(200):

        def save(arrays):
            nonlocal state
            state = {name: value.copy() for name, value in arrays.items()}
            raise KilledError

        try:
            result = train(eventful, slot_size=2, resume=state, save=save, save_every=0)
            break
        except KilledError:
            continue
    assert_same(result, whole)


def test_progress_of_a_resumed_shard_ends_at_the_same_sum(train, eventful):
    states = []
    train(eventful, slot_size=2, save_every=0,
          save=lambda a: states.append({k: v.copy() for k, v in a.items()}))  # fmt: skip
    assert states
    for state in states:
        told = []
        train(eventful, slot_size=2, resume=state, progress=told.append)
        assert sum(told) == 25


@pytest.mark.parametrize("on_torch", [False, True], ids=["fused", "torch"])
def test_a_shard_that_is_stopped_repeats_no_step(eventful, clouds, monkeypatch, on_torch):
    """Whenever it is asked: steps done before and after are those of a run that nobody stopped."""
    images, labels = clouds(n=50, d=7)
    backend = get_backend("cpu", "float32", torch=on_torch)
    steps = []
    step = loop._Stepper.epoch

    def counted(self, stops, stop, pause):
        before = self._slot.step
        losses = step(self, stops, stop, pause)
        # Members do not leave within an epoch.
        first = (tuple(self._slot.members), before)
        steps.extend((first[0], number) for number in range(before + 1, self._slot.step + 1))
        return losses

    monkeypatch.setattr(loop._Stepper, "epoch", counted)
    run = partial(train_shard, eventful, images, labels, n_outputs=3, backend=backend, slot_size=2)
    whole = run()
    expected, found, state = list(steps), [], None
    rng = np.random.default_rng(5)
    for _ in range(500):
        steps.clear()
        left, saved = int(rng.integers(0, 4)), []

        def stop():
            nonlocal left
            left -= 1
            return left < 0

        try:
            result = run(resume=state, stop=stop, save=saved.append, save_every=3600)
            break
        except StoppedError:
            (last,) = saved
            state = {name: np.array(value) for name, value in last.items()}
        finally:
            found += steps
    assert len(found) > 10 and found == expected
    assert_same(result, whole)


def test_saving_waits_for_its_interval(train, make_plan):
    saved = []
    train(make_plan(), save=saved.append, save_every=3600)
    assert not saved
