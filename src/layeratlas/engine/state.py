"""The state of a shard in training: everything a killed job needs to go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from layeratlas.engine.kept import Kept, KeptInMemory, Rows
from layeratlas.engine.marks import MarkCounts
from layeratlas.engine.optimizers.registry import load_optimizer
from layeratlas.engine.spikes import spiked
from layeratlas.engine.start import Start
from layeratlas.networks.base import Family
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.records import Point, point_of
from layeratlas.runs.status import DIVERGED, EXPLODED, EXPLOSION_LIMIT, OK, SPIKED


@dataclass
class ShardResult:
    """What training leaves behind, in the plan's run order.

    kept: weights and statistics, `(member, record, width)`; train_loss: `(member, epoch)`, the mean
    over an epoch's minibatches, NaN after a member stopped; epochs_run, status: `(member,)`,
    status being OK, DIVERGED, EXPLODED or SPIKED. A stopped member keeps its weights at every later
    checkpoint; a diverged one has NaN there, and so has who never came to a mark.
    record_step, record_epoch: `(member, record)`, when the weights kept there stood, −1 where none
    are; reached: whether the member came to the point, or ended before.
    """

    kept: Kept
    train_loss: np.ndarray
    epochs_run: np.ndarray
    status: np.ndarray
    record_step: np.ndarray
    record_epoch: np.ndarray
    reached: np.ndarray

    @property
    def theta(self) -> Rows:
        """Weights, `(member, record, width)`."""
        return self.kept.theta

    @property
    def statistics(self) -> Rows:
        """Running statistics, `(member, record, width)`."""
        return self.kept.statistics

    def facts(self) -> dict[str, np.ndarray]:
        """All but the weights, by name."""
        return {name: value for name, value in vars(self).items() if name != "kept"}

    def arrays(self) -> dict[str, np.ndarray]:
        """All of it, the weights read whole."""
        return {**self.facts(), "theta": self.theta[...], "statistics": self.statistics[...]}


@dataclass
class Slot:
    """The members being stepped together: weights, optimiser moments, and where they are.

    `epoch` counts the one in progress, of which `within` minibatches are done, with the sums of
    their losses in `losses`, `(member,)`; between epochs `within` is 0.
    """

    members: np.ndarray  # positions in the shard
    theta: np.ndarray
    statistics: np.ndarray
    moments: list[np.ndarray]
    last_loss: np.ndarray
    marks: MarkCounts
    epoch: int = 0
    step: int = 0
    within: int = 0
    losses: np.ndarray = field(default_factory=lambda: np.zeros(0))

    @property
    def epochs_passed(self) -> int:
        """Whole ones."""
        return self.epoch - (self.within > 0)


@dataclass
class ShardState:
    """The result so far, which members are done, and the slot in flight."""

    plan: ShardPlan
    result: ShardResult
    done: np.ndarray
    slot: Slot | None = None

    @classmethod
    def fresh(
        cls, plan: ShardPlan, family: Family, kept: Callable[..., Kept] = KeptInMemory
    ) -> ShardState:
        n, k = plan.size, len(plan.checkpoints)
        dtype = np.dtype(plan.shared["dtype"])
        epochs = plan.shared["training"]["epochs"]
        result = ShardResult(
            kept=kept(n, k, (family.parameters.width, family.statistics.width), dtype),
            train_loss=np.full((n, epochs), np.nan),
            epochs_run=np.zeros(n, np.int64),
            status=np.full(n, OK, np.int8),
            record_step=np.full((n, k), -1, np.int64),
            record_epoch=np.full((n, k), -1.0),
            reached=np.zeros((n, k), bool),
        )
        return cls(plan, result, np.zeros(n, bool))

    def open_slot(self, start: Start, size: int) -> Slot | None:
        """The slot in flight, or a new one from the first members not done; None at the end."""
        if self.slot is None:
            members = np.flatnonzero(~self.done)[:size]
            if not len(members):
                return None
            theta, statistics = start.weights(members)
            dtype = np.dtype(self.plan.shared["dtype"])
            moments = load_optimizer(self.plan.shared["training"]["optimizer"]).moments
            self.slot = Slot(
                members=members,
                theta=theta.astype(dtype),
                statistics=statistics.astype(dtype),
                moments=[np.zeros(theta.shape, dtype) for _ in range(moments)],
                # Infinite: before the second epoch there is no change to judge.
                last_loss=np.full(len(members), np.inf),
                marks=MarkCounts.fresh(self.plan.checkpoints, len(members), self._early_stop),
            )
            self.keep_checkpoint()
            self.keep_step(0.0)
        return self.slot

    @property
    def _in_flight(self) -> Slot:
        assert self.slot is not None, "no slot is open"
        return self.slot

    @property
    def _early_stop(self) -> Mapping[str, Any] | None:
        return self._training.get("early_stop")

    @property
    def _training(self) -> Mapping[str, Any]:
        return self.plan.shared["training"]

    @cached_property
    def _points(self) -> list[Point]:
        return list(map(point_of, self.plan.checkpoints))

    @cached_property
    def steps(self) -> frozenset[int]:
        """Steps after which weights are kept, 0 the beginning."""
        return frozenset(self._at_step)

    @cached_property
    def _at_step(self) -> dict[int, int]:
        return {p.step: i for i, p in enumerate(self._points) if p.step is not None}

    @cached_property
    def _at_epoch(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for i, point in enumerate(self._points):
            if point.epoch is not None:
                found.setdefault(point.epoch, []).append(i)
        return found

    @property
    def keeps_now(self) -> bool:
        """Whether anything is to be kept of the slot, at the end of its epoch."""
        slot = self._in_flight
        return slot.epoch in self._at_epoch or bool(slot.marks.new.any())

    def keep_checkpoint(self) -> None:
        """Store the slot's weights if its epoch is one of the plan's checkpoints, or a mark."""
        slot = self._in_flight
        for record in self._at_epoch.get(slot.epoch, ()):
            self._keep(np.ones(len(slot.members), bool), record, slot.epoch)
        for record, came in slot.marks.taken():
            self._keep(came, record, slot.epoch)

    def keep_step(self, epoch: float) -> None:
        """Store the slot's weights if its step is a record point; `epoch` counts its parts too."""
        slot = self._in_flight
        if slot.step in self._at_step:
            self._keep(np.ones(len(slot.members), bool), self._at_step[slot.step], epoch)

    def record_epoch(self, losses: np.ndarray, early_stop: Mapping[str, float] | None):
        """Note the epoch's mean losses; returns which members of the slot leave now.

        Marks are judged by the running losses as the epoch left them.
        """
        slot, result = self._in_flight, self.result
        slot.marks.judge()
        result.train_loss[slot.members, slot.epoch - 1] = losses
        result.epochs_run[slot.members] = slot.epoch
        leaving = ~np.isfinite(losses)
        result.status[slot.members[leaving]] = DIVERGED
        if early_stop is not None:
            with np.errstate(invalid="ignore"):
                leaving |= losses < early_stop["loss_below"]
                leaving |= np.abs(losses - slot.last_loss) < early_stop["change_below"]
        slot.last_loss = losses
        return leaving | slot.marks.ended()

    def release(self, leaving: np.ndarray) -> None:
        """Take members out of the slot for good; their weights fill all later checkpoints."""
        slot, result = self._in_flight, self.result
        # A loss is taken before its step: the last step may still have blown the weights up.
        broken = leaving & ~np.isfinite(slot.theta).all(axis=1)
        result.status[slot.members[broken]] = DIVERGED
        # What happened on the way may have healed: the last epoch says.
        limit = self._training.get("explosion_limit", EXPLOSION_LIMIT)
        ends = slot.members[leaving & np.isfinite(slot.last_loss) & (slot.last_loss > limit)]
        result.status[ends[result.status[ends] == OK]] = EXPLODED
        back = slot.members[leaving]
        back = back[spiked(result.train_loss[back], self._training.get("loss_spike"))]
        result.status[back[result.status[back] == OK]] = SPIKED
        diverged = leaving & (result.status[slot.members] == DIVERGED)
        for record, point in enumerate(self._points):
            self._leave(record, point, leaving & ~diverged, diverged)
        self.done[slot.members[leaving]] = True
        stay = ~leaving
        slot.members, slot.last_loss = slot.members[stay], slot.last_loss[stay]
        slot.theta, slot.statistics = slot.theta[stay], slot.statistics[stay]
        slot.moments = [m[stay] for m in slot.moments]
        slot.marks.select(stay)
        if not len(slot.members):
            self.slot = None

    def _leave(self, record: int, point: Point, ended: np.ndarray, diverged: np.ndarray) -> None:
        """At a point that members have not passed: weights of those that ended, else none."""
        slot, result = self._in_flight, self.result
        kept_at = result.record_step[slot.members, record]
        if point.is_mark:
            filled = ended & (kept_at < 0) & (point.otherwise == "final")
            late = kept_at >= slot.step
        else:
            ahead = self._is_ahead(point)
            filled, late = ended & ahead & (kept_at != slot.step), np.full(len(ended), ahead)
        if filled.any():
            self._keep(filled, record, slot.epoch, reached=False)
        gone = slot.members[diverged & late]
        if len(gone):
            result.kept.drop(gone, record)
            result.record_step[gone, record], result.record_epoch[gone, record] = -1, -1.0
            result.reached[gone, record] = False

    def _is_ahead(self, point: Point) -> bool:
        """Whether the slot has not passed a point; where it stands it has not."""
        slot = self._in_flight
        if point.step is not None:
            return point.step >= slot.step
        return point.epoch is not None and point.epoch >= slot.epoch

    def _keep(self, chosen: np.ndarray, record: int, epoch: float, *, reached: bool = True) -> None:
        slot, result = self._in_flight, self.result
        members = slot.members[chosen]
        result.kept.keep(members, record, slot.theta[chosen], slot.statistics[chosen])
        result.record_step[members, record] = slot.step
        result.record_epoch[members, record] = epoch
        result.reached[members, record] = reached

    # --- to and from named arrays ---------------------------------------------------------
    def to_arrays(self) -> dict[str, np.ndarray]:
        """All of it as named arrays, for a checkpoint file."""
        arrays = {f"result/{name}": value for name, value in self.result.facts().items()}
        arrays |= self.result.kept.to_arrays()
        arrays["done"] = self.done
        if self.slot is not None:
            slot = self.slot
            arrays |= {
                "slot/members": slot.members,
                "slot/theta": slot.theta,
                "slot/statistics": slot.statistics,
                "slot/last_loss": slot.last_loss,
                "slot/clock": np.array([slot.epoch, slot.step, slot.within]),
                "slot/losses": slot.losses,
                "slot/running_loss": slot.marks.running_loss,
                "slot/times_below": slot.marks.times,
            }
            arrays |= {f"slot/moment/{i}": m for i, m in enumerate(slot.moments)}
        return arrays

    @classmethod
    def resumed(
        cls,
        plan: ShardPlan,
        family: Family,
        arrays: Mapping[str, np.ndarray],
        kept: Callable[..., Kept] = KeptInMemory,
    ) -> ShardState:
        """Where `to_arrays` left off; afresh where the weights that it tells of are gone."""
        state = cls.fresh(plan, family, kept)
        if not state.result.kept.restore(arrays):
            return state
        for name in state.result.facts():
            setattr(state.result, name, np.array(arrays[f"result/{name}"]))
        state.done = np.array(arrays["done"])
        if "slot/clock" in arrays:
            epoch, step, within = (int(v) for v in arrays["slot/clock"])
            moments = sorted(name for name in arrays if name.startswith("slot/moment/"))
            members = len(arrays["slot/members"])
            marks = MarkCounts.fresh(plan.checkpoints, members, state._early_stop)
            marks.running_loss = np.array(arrays["slot/running_loss"])
            marks.times = np.array(arrays["slot/times_below"])
            state.slot = Slot(
                members=np.array(arrays["slot/members"]),
                theta=np.array(arrays["slot/theta"]),
                statistics=np.array(arrays["slot/statistics"]),
                moments=[np.array(arrays[name]) for name in moments],
                last_loss=np.array(arrays["slot/last_loss"]),
                marks=marks,
                epoch=epoch,
                step=step,
                within=within,
                losses=np.array(arrays["slot/losses"]),
            )
        return state

    def epochs_behind(self) -> int:
        """Network-epochs that need no more work, for the progress bar."""
        epochs = self.plan.shared["training"]["epochs"]
        flight = 0 if self.slot is None else self.slot.epochs_passed * len(self.slot.members)
        return int(self.done.sum()) * epochs + flight
