"""The state of a shard in training: everything a killed job needs to go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from layeratlas.engine.optimizers.registry import load_optimizer
from layeratlas.engine.start import Start
from layeratlas.networks.base import Family
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.status import DIVERGED, EXPLODED, EXPLOSION_LIMIT, OK


@dataclass
class ShardResult:
    """What training leaves behind, in the plan's run order.

    theta, statistics: `(member, checkpoint, width)`; train_loss: `(member, epoch)`, the mean
    over an epoch's minibatches, NaN after a member stopped; epochs_run, status: `(member,)`,
    status being OK, DIVERGED or EXPLODED. A stopped member keeps its weights at every later
    checkpoint; a diverged one has NaN there.
    """

    theta: np.ndarray
    statistics: np.ndarray
    train_loss: np.ndarray
    epochs_run: np.ndarray
    status: np.ndarray


@dataclass
class Slot:
    """The members being stepped together: weights, optimiser moments, and where they are."""

    members: np.ndarray  # positions in the shard
    theta: np.ndarray
    statistics: np.ndarray
    moments: list[np.ndarray]
    last_loss: np.ndarray
    epoch: int = 0
    step: int = 0


@dataclass
class ShardState:
    """The result so far, which members are done, and the slot in flight."""

    plan: ShardPlan
    result: ShardResult
    done: np.ndarray
    slot: Slot | None = None

    @classmethod
    def fresh(cls, plan: ShardPlan, family: Family) -> ShardState:
        n, k = plan.size, len(plan.checkpoints)
        dtype = np.dtype(plan.shared["dtype"])
        epochs = plan.shared["training"]["epochs"]
        result = ShardResult(
            theta=np.full((n, k, family.parameters.width), np.nan, dtype),
            statistics=np.full((n, k, family.statistics.width), np.nan, dtype),
            train_loss=np.full((n, epochs), np.nan),
            epochs_run=np.zeros(n, np.int64),
            status=np.full(n, OK, np.int8),
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
            )
            self.keep_checkpoint()
        return self.slot

    @property
    def _in_flight(self) -> Slot:
        assert self.slot is not None, "no slot is open"
        return self.slot

    def keep_checkpoint(self) -> None:
        """Store the slot's weights if its epoch is one of the plan's checkpoints."""
        slot = self._in_flight
        if slot.epoch in self.plan.checkpoints:
            self._keep(np.ones(len(slot.members), bool), [slot.epoch])

    def record_epoch(self, losses: np.ndarray, early_stop: Mapping[str, float] | None):
        """Note the epoch's mean losses; returns which members of the slot leave now."""
        slot, result = self._in_flight, self.result
        result.train_loss[slot.members, slot.epoch - 1] = losses
        result.epochs_run[slot.members] = slot.epoch
        leaving = ~np.isfinite(losses)
        result.status[slot.members[leaving]] = DIVERGED
        if early_stop is not None:
            with np.errstate(invalid="ignore"):
                leaving |= losses < early_stop["loss_below"]
                leaving |= np.abs(losses - slot.last_loss) < early_stop["change_below"]
        slot.last_loss = losses
        return leaving

    def release(self, leaving: np.ndarray) -> None:
        """Take members out of the slot for good; their weights fill all later checkpoints."""
        slot, result = self._in_flight, self.result
        # A loss is taken before its step: the last step may still have blown the weights up.
        broken = leaving & ~np.isfinite(slot.theta).all(axis=1)
        result.status[slot.members[broken]] = DIVERGED
        # What happened on the way may have healed: the last epoch says.
        limit = self.plan.shared["training"].get("explosion_limit", EXPLOSION_LIMIT)
        ends = slot.members[leaving & np.isfinite(slot.last_loss) & (slot.last_loss > limit)]
        result.status[ends[result.status[ends] == OK]] = EXPLODED
        later = [e for e in self.plan.checkpoints if e >= slot.epoch]
        self._keep(leaving, later)
        diverged = slot.members[leaving & (result.status[slot.members] == DIVERGED)]
        for i, epoch in enumerate(self.plan.checkpoints):
            if epoch in later:
                result.theta[diverged, i] = np.nan
                result.statistics[diverged, i] = np.nan
        self.done[slot.members[leaving]] = True
        stay = ~leaving
        slot.members, slot.last_loss = slot.members[stay], slot.last_loss[stay]
        slot.theta, slot.statistics = slot.theta[stay], slot.statistics[stay]
        slot.moments = [m[stay] for m in slot.moments]
        if not len(slot.members):
            self.slot = None

    def _keep(self, chosen: np.ndarray, epochs: list[int]) -> None:
        slot = self._in_flight
        for i, epoch in enumerate(self.plan.checkpoints):
            if epoch in epochs:
                self.result.theta[slot.members[chosen], i] = slot.theta[chosen]
                self.result.statistics[slot.members[chosen], i] = slot.statistics[chosen]

    # --- to and from named arrays ---------------------------------------------------------
    def to_arrays(self) -> dict[str, np.ndarray]:
        """All of it as named arrays, for a checkpoint file."""
        arrays = {f"result/{name}": value for name, value in vars(self.result).items()}
        arrays["done"] = self.done
        if self.slot is not None:
            slot = self.slot
            arrays |= {
                "slot/members": slot.members,
                "slot/theta": slot.theta,
                "slot/statistics": slot.statistics,
                "slot/last_loss": slot.last_loss,
                "slot/clock": np.array([slot.epoch, slot.step]),
            }
            arrays |= {f"slot/moment/{i}": m for i, m in enumerate(slot.moments)}
        return arrays

    @classmethod
    def from_arrays(cls, plan: ShardPlan, arrays: Mapping[str, np.ndarray]) -> ShardState:
        names = ShardResult.__dataclass_fields__
        result = ShardResult(**{name: np.array(arrays[f"result/{name}"]) for name in names})
        slot = None
        if "slot/clock" in arrays:
            epoch, step = (int(v) for v in arrays["slot/clock"])
            moments = sorted(name for name in arrays if name.startswith("slot/moment/"))
            slot = Slot(
                members=np.array(arrays["slot/members"]),
                theta=np.array(arrays["slot/theta"]),
                statistics=np.array(arrays["slot/statistics"]),
                moments=[np.array(arrays[name]) for name in moments],
                last_loss=np.array(arrays["slot/last_loss"]),
                epoch=epoch,
                step=step,
            )
        return cls(plan, result, np.array(arrays["done"]), slot)

    def epochs_behind(self) -> int:
        """Network-epochs that need no more work, for the progress bar."""
        epochs = self.plan.shared["training"]["epochs"]
        flight = 0 if self.slot is None else self.slot.epoch * len(self.slot.members)
        return int(self.done.sum()) * epochs + flight
