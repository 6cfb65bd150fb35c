"""The training loop: one shard, slot by slot, resumable after every step.

A slot is the set of members stepped together, sized for the cache (CPU) or the GPU. Members
that stop early or diverge leave it at the end of the epoch. Neither slots nor shards reach a
member's numbers: kernels treat members one by one, and random words are keyed by
(seed, purpose, epoch).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from layeratlas.backends import Backend
from layeratlas.backends.data import data_kernels
from layeratlas.engine.kept import Kept, KeptInMemory
from layeratlas.engine.marks import running
from layeratlas.engine.optimizers.registry import load_optimizer
from layeratlas.engine.schedules.schedule import Totals, schedule_of
from layeratlas.engine.start import Start, start_of
from layeratlas.engine.state import ShardResult, ShardState, Slot
from layeratlas.errors import StoppedError
from layeratlas.losses.base import are_numbers
from layeratlas.losses.registry import loss_of
from layeratlas.networks.base import Family
from layeratlas.networks.registry import create_family
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.streams import keys


def train_shard(
    plan: ShardPlan,
    images: np.ndarray,
    targets: np.ndarray,
    *,
    n_outputs: int,
    backend: Backend,
    slot_size: int | None = None,
    resume: Mapping[str, np.ndarray] | None = None,
    save: Callable[[dict[str, np.ndarray]], None] | None = None,
    save_every: float = 30.0,
    progress: Callable[[int], None] = lambda network_epochs: None,
    kept: Callable[..., Kept] = KeptInMemory,
    stop: Callable[[], bool] = lambda: False,
) -> ShardResult:
    """Train every run of a shard.

    images: `(sample, feature)` or `(sample, channel, row, column)`; targets: classes
    `(sample,)`, vectors `(sample, output)` or tokens `(sample, position)`; n_outputs: of a network.
    About every `save_every` seconds `save` receives the whole state as named arrays, and `resume`
    takes the latest of them back. `progress` is told of network-epochs done. `kept` is called with
    how many members and records there are, the widths of a row of weights and of statistics, and
    their dtype, and holds the weights of record points. `stop` is asked after every step: once it
    says so, the state is saved and StoppedError raised; who resumes repeats no step.
    """
    settings = plan.shared["training"]
    tokens = not are_numbers(images)
    family = create_family(plan.shared["model"], images.shape[1:], n_outputs, tokens=tokens)
    images = images.reshape(len(images), -1)
    if tokens:
        # Whole numbers up to 2²⁴ are exact in any precision, and buffers are of one sort.
        images = images.astype(np.float32)
    start = start_of(plan, family, images, targets)
    if resume is None:
        state = ShardState.fresh(plan, family, kept)
    else:
        state = ShardState.resumed(plan, family, resume, kept)
        progress(state.epochs_behind())
    source, wanted = backend.from_numpy(images), backend.from_numpy(targets)
    if slot_size is None:
        batch = min(_batch_size(settings, len(targets)), len(targets))
        most = backend.slot_size(family.parameters.width, batch, family.graph_size)
        # Slots of one size: a last one of few members would take as many calls as a full one.
        slot_size = -(-plan.size // -(-plan.size // most))

    saved = time.monotonic()

    def due() -> bool:
        return save is not None and time.monotonic() - saved > save_every

    def put_down() -> None:
        nonlocal saved
        if save is not None:
            save(state.to_arrays())
        saved = time.monotonic()
        if stop():
            raise StoppedError("asked to stop: it goes on from its checkpoint when it runs again")

    while (slot := state.open_slot(start, slot_size)) is not None:
        stepper = _Stepper(plan, family, start, backend, source, wanted, slot)
        while slot.epochs_passed < settings["epochs"] and len(slot.members):
            # A diverging member overflows; its status will say so, numpy need not.
            with np.errstate(over="ignore", invalid="ignore"):
                losses = stepper.epoch(state.steps, state.keep_step, lambda: due() or stop())
            if losses is None:
                # In the middle of an epoch, where nothing is judged and nothing kept.
                stepper.store()
                put_down()
                continue
            progress(len(slot.members))
            leaving = state.record_epoch(losses, settings["early_stop"])
            pausing = due() or stop()
            if pausing or leaving.any() or state.keeps_now:
                stepper.store()
                state.keep_checkpoint()
            if leaving.any():
                progress(int(leaving.sum()) * (settings["epochs"] - slot.epoch))
                state.release(leaving)
                if len(slot.members):
                    stepper = _Stepper(plan, family, start, backend, source, wanted, slot)
            if pausing:
                put_down()
        if len(slot.members):
            stepper.store()
            state.release(np.ones(len(slot.members), bool))
    return state.result


class _Stepper:
    """Runs epochs of one slot on a backend."""

    def __init__(
        self,
        plan: ShardPlan,
        family: Family,
        start: Start,
        backend: Backend,
        source,
        targets,
        slot: Slot,
    ):
        settings = plan.shared["training"]
        members = {name: np.asarray(v)[slot.members] for name, v in plan.members.items()}
        self._backend, self._slot = backend, slot
        self._kernels = data_kernels(backend)
        self._source, self._targets = source, targets
        self._seeds = [int(s) for s in members["seed"]]
        self._label_noise = backend.vector(members["label_noise"])
        self._input_noise = backend.vector(members["input_noise"])
        self._noisy_labels = bool((members["label_noise"] > 0).any())
        self._noisy_inputs = bool((members["input_noise"] > 0).any())
        self._n_samples, n_features = source.shape
        self._n_outputs = family.layer_sizes[-1]
        self._batch = _batch_size(settings, self._n_samples)
        self._ensemble = family.ensemble(
            backend,
            backend.from_numpy(slot.theta),
            backend.from_numpy(slot.statistics),
            members,
            loss_of(settings),
        )
        self._optimizer = load_optimizer(settings["optimizer"])(
            settings,
            family.parameters,
            backend,
            np.asarray(members["learning_rate"], float)[:, None] * start.rates(slot.members),
            [backend.from_numpy(m) for m in slot.moments],
        )
        steps = -(-self._n_samples // self._batch) * settings["epochs"]
        self._schedule = schedule_of(
            settings.get("schedule", ()), Totals(steps, settings["epochs"])
        )
        size = len(slot.members)
        self._order = backend.integers(size, self._n_samples)
        buffer = backend.zeros if are_numbers(targets) else backend.integers
        # The last minibatch of an epoch may be smaller; it gets buffers of its own.
        self._minibatches = {
            n: (
                backend.zeros(size, n, n_features),
                buffer(size, n, *targets.shape[1:]),
                backend.integers(size, n),
            )
            for n in {min(self._batch, self._n_samples), self._n_samples % self._batch} - {0}
        }

    def epoch(
        self,
        stops: Collection[int],
        stop: Callable[[float], None],
        pause: Callable[[], bool] = lambda: False,
    ) -> np.ndarray | None:
        """One pass over the data, or the rest of one; returns the epoch-mean loss of each member.

        At steps that are `stops`, weights are stored and `stop` is called with the epochs passed.
        None where `pause` said, after a step that is not the epoch's last, to leave off there.
        """
        b, kernels, slot = self._backend, self._kernels, self._slot
        if not slot.within:
            slot.epoch += 1
            slot.losses = np.zeros(len(self._seeds))
        shuffle, label, noise, dropout = (
            b.keys(keys(self._seeds, purpose, slot.epoch))
            for purpose in ("shuffle", "label_noise", "input_noise", "dropout")
        )
        kernels.permutations(shuffle, 0, self._order)
        total = b.vector(slot.losses)
        starts = range(0, self._n_samples, self._batch)
        marked = bool(slot.marks.records)
        average = b.vector(slot.marks.running_loss)
        for step in range(slot.within, len(starts)):
            chosen = self._order[:, starts[step] : starts[step] + self._batch]
            x, y, index = self._minibatches[chosen.shape[1]]
            index[...] = chosen
            kernels.gather(self._source, index, x)
            y[...] = self._targets[index]
            if self._noisy_labels:
                kernels.replace_labels(y, self._label_noise, self._n_outputs, label, step)
            if self._noisy_inputs:
                kernels.add_input_noise(x, self._input_noise, noise, step)
            self._ensemble.loss_and_gradient(x, y, dropout, step)
            total += self._ensemble.loss
            slot.step += 1
            if self._schedule is not None:
                self._optimizer.scale(self._schedule(slot.step, slot.epoch))
            self._optimizer.step(self._ensemble.theta, self._ensemble.gradient, slot.step)
            if marked:
                average = running(average, self._ensemble.loss, first=slot.step == 1)
            if slot.step in stops:
                self._store_weights()
                stop(slot.epoch - 1 + (step + 1) / len(starts))
            slot.within = (step + 1) % len(starts)
            if slot.within and pause():
                break
        if marked:
            slot.marks.running_loss = np.array(b.to_numpy(average), float)
        if slot.within:
            slot.losses = np.array(b.to_numpy(total), float)
            return None
        return b.to_numpy(total) / len(starts)

    def store(self) -> None:
        """Copy weights, statistics and moments back into the slot."""
        self._store_weights()
        self._slot.moments = [self._backend.to_numpy(m) for m in self._optimizer.state]

    def _store_weights(self) -> None:
        self._slot.theta = self._backend.to_numpy(self._ensemble.theta)
        self._slot.statistics = self._backend.to_numpy(self._ensemble.statistics)


def _batch_size(settings: Mapping[str, Any], n_samples: int) -> int:
    return n_samples if settings["batch_size"] == "full" else settings["batch_size"]
