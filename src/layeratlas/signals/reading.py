"""What some metrics need of a network on a view: each signal once, in as few passes as that takes.

A view whose features fit (`Network.batch_size`) is one batch: a layer at a time, all that needs it
is worked out and let go. A larger one is read in batches. A *sum* over batches that needs no other
sum is complete after the first pass over the images, one that needs such a sum after the second,
and so on; metrics come last. Metrics that need a signal of single images see all of them together,
so for these the view is one batch whatever it takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Protocol

import numpy as np
from array_api_compat import array_namespace

from layeratlas.networks.affine import Affine
from layeratlas.networks.base import Family
from layeratlas.signals.network import Holds, Network
from layeratlas.signals.registry import GIVEN, SIGNALS, Of, Signal, used
from layeratlas.signals.views import Seen
from layeratlas.tables import resolve

__all__ = ["Asking", "count_of", "read", "streams"]

SCOPES: tuple[Of, ...] = ("network", "layer", "affine")
Given = tuple[str, int | None, Any]


class Asking(Protocol):
    """What a reading must know of a metric (`layeratlas.metrics.registry.Metric`)."""

    @property
    def name(self) -> str: ...
    @property
    def function(self) -> str: ...
    @property
    def needs(self) -> tuple[str, ...]: ...
    @property
    def gives(self) -> Of: ...


def read(
    network: Network, view: Seen, metrics: Sequence[Asking], logits: list[Any] | None = None
) -> Iterator[Given]:
    """`(metric, entity, values)` of every metric: entity is the layer or affine map, 0 for others.

    Where a metric gave an array of all layers (maps), it comes whole, and its entity is None.

    `logits`, where given, receives what the last layer gives, a batch of images each, if any metric
    needs features.
    """
    by_size: dict[int, list[Asking]] = {}
    for metric in metrics:
        size = network.batch_size(view, _held(metric.needs)) if streams(metric.needs) else view.size
        by_size.setdefault(min(size, view.size), []).append(metric)
    for size, some in by_size.items():
        reading = _Reading(network, view, some)
        # Batches of logits are those that features are seen in.
        told = logits if not logits and size == network.batch_size(view) else None
        yield from reading.at_once(told) if size == view.size else reading.in_batches(size, told)


def count_of(of: Of, family: Family, affines: Sequence[Affine]) -> int:
    """How many networks, layers of the family or of these affine maps there are to look at."""
    if of == "network":
        return 1
    return len(family.layer_names if of == "layer" else affines)


def streams(needs: Iterable[str]) -> bool:
    """Whether none of these exists a batch at a time only."""
    return not any(_level(name)[1] for name in needs)


def _held(needs: Iterable[str]) -> Holds:
    held = {signal.holds for signal in used(needs).values()}
    return next((most for most in ("jacobian", "graph") if most in held), "features")


@cache
def _level(name: str) -> tuple[int, bool]:
    """How many passes precede a signal, and whether it exists a batch at a time only."""
    if name in GIVEN:
        return 0, name == "batch"
    signal = SIGNALS[name]
    below = [_level(need) for need in signal.needs]
    level, passing = max(n for n, _ in below), any(batch for _, batch in below)
    return (level + 1, False) if signal.sums else (level, passing)


class _Reading:
    """One walk over the images of a view for some metrics."""

    def __init__(self, network: Network, view: Seen, metrics: Sequence[Asking]):
        self._network, self._view, self._metrics = network, view, metrics
        self._signals = used(need for metric in metrics for need in metric.needs)
        self._batch = view
        # By signal and entity: what is known of the whole view, and of the batch at hand.
        self._known: dict[tuple[str, int], Any] = {}
        self._passing: dict[tuple[str, int], Any] = {}

    def at_once(self, logits: list[Any] | None) -> Iterator[Given]:
        """Metrics of a view that is one batch: sums are complete as they come."""
        for of in SCOPES:
            some = [metric for metric in self._metrics if metric.gives == of]
            if some:
                opened = self._opened(of, [need for metric in some for need in metric.needs])
                for entity in self._walk(of, opened, logits):
                    yield from self._given(some, entity)

    def in_batches(self, size: int, logits: list[Any] | None) -> Iterator[Given]:
        """Metrics of a view that is read in several batches."""
        sums = {name: _level(name)[0] for name, signal in self._signals.items() if signal.sums}
        for level in sorted(set(sums.values())):
            here = [self._signals[name] for name in sums if sums[name] == level]
            totals: dict[tuple[str, int], Any] = {}
            for batch in self._view.batches(size):
                self._batch = batch
                self._passing.clear()
                for of in SCOPES:
                    some = [signal for signal in here if signal.of == of]
                    opened = self._opened(of, [signal.name for signal in some])
                    for entity in self._walk(of, opened, logits) if some else ():
                        for signal in some:
                            place, part = (signal.name, entity), self._value(signal.name, entity)
                            totals[place] = _added(totals[place], part) if place in totals else part
            self._known |= totals
            # One pass has shown them all.
            logits = None
        self._passing.clear()
        for of in SCOPES:
            asked = [metric for metric in self._metrics if metric.gives == of]
            for entity in range(self._count(of)) if asked else ():
                yield from self._given(asked, entity)

    def _opened(self, of: Of, needs: Iterable[str]) -> list[str]:
        """Signals of a scope that come for all of it at once, among those still to be made."""
        found: dict[str, None] = {}

        def visit(names: Iterable[str]) -> None:
            for name in names:
                if name in GIVEN or (name, 0) in self._known or name in found:
                    continue
                signal = self._signals[name]
                if signal.of == of and _opens(signal.needs, of):
                    found[name] = None
                else:
                    visit(signal.needs)

        visit(needs)
        return list(found)

    def _walk(self, of: Of, opened: Sequence[str], logits: list[Any] | None) -> Iterator[int]:
        """Layers (maps) in order, with what comes for all of them in step; each is let go after."""
        if of == "network":
            yield 0
            return
        coming = {name: iter(self._called(self._signals[name], 0)) for name in opened}
        last = self._count(of) - 1
        for entity in range(last + 1):
            for name, values in coming.items():
                self._passing[name, entity] = next(values)
            yield entity
            if entity == last and logits is not None and "features" in coming:
                logits.append(self._passing["features", entity])
            for place in [place for place in self._passing if self._is_of(place, of, entity)]:
                del self._passing[place]

    def _count(self, of: Of) -> int:
        return count_of(of, self._network.family, self._network.affines)

    def _is_of(self, place: tuple[str, int], of: Of, entity: int) -> bool:
        name, at = place
        return at == entity and self._signals[name].of == of

    def _value(self, name: str, entity: int) -> Any:
        if name in GIVEN:
            return {"network": self._network, "view": self._view, "batch": self._batch}[name]
        signal = self._signals[name]
        place = (name, 0 if signal.of == "network" else entity)
        if place in self._known:
            return self._known[place]
        if place not in self._passing:
            if _opens(signal.needs, signal.of):
                # Of weights alone: nothing of the images, so they are all there.
                values = self._called(signal, 0)
                self._passing |= {(name, at): value for at, value in enumerate(values)}
            else:
                self._passing[place] = self._called(signal, place[1])
        return self._passing[place]

    def _called(self, entry: Signal | Asking, entity: int) -> Any:
        return _function(entry.function)(*(self._value(need, entity) for need in entry.needs))

    def _given(self, metrics: Iterable[Asking], entity: int) -> Iterator[Given]:
        for metric in metrics:
            if not _opens(metric.needs, metric.gives):
                yield metric.name, entity, self._called(metric, entity)
            elif entity == 0:
                every = self._called(metric, 0)
                if isinstance(every, np.ndarray):
                    yield metric.name, None, every
                    continue
                for at, values in enumerate(every):
                    yield metric.name, at, values


def _opens(needs: Iterable[str], of: Of) -> bool:
    """Whether what is made of these comes for all layers (maps) at once."""
    return of != "network" and all(n in GIVEN or SIGNALS[n].of != of for n in needs)


def _added(total: Any, part: Any) -> Any:
    """The sum of two parts, in float64."""
    if isinstance(total, tuple):
        return tuple(_added(*pair) for pair in zip(total, part, strict=True))
    xp = array_namespace(total)
    return xp.astype(total, xp.float64, copy=False) + part


@cache
def _function(reference: str) -> Any:
    return resolve(reference)
