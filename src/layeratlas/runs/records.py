"""Record points: the moments of a training whose weights are kept.

A point is an epoch (an integer, 0 the beginning), or a `Point`:

    Point(epoch=12, label="final")        after 12 epochs, by a name of its own
    Point(step=100)                       after 100 minibatches
    Point(loss_below=0.1, times=2)        a mark: the first end of an epoch at which the running
                                          loss was below 0.1 at `times` successive ones

The running loss of a network is r ← 0.9 r + 0.1 loss over its minibatches, r being the first one's
loss at first (signal-propagation paper, §4; the end of an epoch is the start of the next). A run
that ends before a point leaves its last weights there; before a mark nothing, unless the mark says
`otherwise: final`.

Where all points are epochs, a cube counts them along `epoch`; else along `record`, each by its
label.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Otherwise = Literal["missing", "final"]


@dataclass(frozen=True)
class Point:
    """A record point that is more than an epoch; ValueError where it is none."""

    epoch: int | None = None
    step: int | None = None
    loss_below: float | None = None
    times: int = 1
    label: str = ""
    otherwise: Otherwise = "missing"

    def __post_init__(self) -> None:
        kinds = [v for v in (self.epoch, self.step, self.loss_below) if v is not None]
        if len(kinds) != 1 or not (
            all(type(v) is int and v >= 0 for v in (self.epoch, self.step) if v is not None)
            and (self.loss_below is None or type(self.loss_below) in (int, float))
            and (self.epoch is None or self.label)
            and type(self.times) is int
            and self.times >= 1
            and isinstance(self.label, str)
            and self.otherwise in ("missing", "final")
        ):
            raise ValueError(f"no record point: {self}")

    @property
    def is_mark(self) -> bool:
        """Whether it is the losses that say when it comes."""
        return self.loss_below is not None

    def plain(self) -> dict[str, Any]:
        """As JSON, defaults left out."""
        defaults = type(self).__dataclass_fields__
        return {name: v for name, v in vars(self).items() if v != defaults[name].default}


Moment: TypeAlias = int | Point


def point_of(moment: Moment) -> Point:
    """A moment as a `Point`: an epoch too, by its label."""
    return Point(epoch=moment, label=label_of(moment)) if isinstance(moment, int) else moment


def beginning(moments: Iterable[Moment]) -> Moment | None:
    """Which of them is epoch 0, whatever its label; None where none is."""
    return next((m for m in moments if point_of(m).epoch == 0), None)


def plain_point(point: Moment) -> Any:
    """A point as JSON: an epoch is a number."""
    return point if isinstance(point, int) else point.plain()


def parsed(told: Any) -> Moment:
    """The point that a plan's JSON tells; ValueError or TypeError where it tells none."""
    if type(told) is int:
        return told
    if not isinstance(told, Mapping):
        raise TypeError(f"no record point: {told!r}")
    return Point(**told)


def label_of(point: Moment) -> str:
    """What a point is called: its own label, or such as "epoch 3", "step 100", "loss 0.1"."""
    if isinstance(point, int):
        return f"epoch {point}"
    if point.label:
        return point.label
    if point.step is not None:
        return f"step {point.step}"
    return f"loss {point.loss_below:g}" + (f" x{point.times}" if point.times > 1 else "")


def all_epochs(points: Iterable[Moment]) -> bool:
    """Whether a cube of these points counts them along `epoch`."""
    return all(isinstance(point, int) for point in points)


def moment_of(point: Moment, steps: int) -> int | None:
    """The step of a point in a training of `steps` an epoch; None of a mark."""
    if isinstance(point, int):
        return point * steps
    return point.epoch * steps if point.epoch is not None else point.step


def in_order(points: Iterable[Moment], steps: int) -> tuple[Moment, ...]:
    """Points as a run of `steps` an epoch comes to them, one a label; marks last."""
    named = {label_of(point): point for point in points}
    moments = {label: moment_of(point, steps) for label, point in named.items()}
    late = float("inf")
    order = sorted(named, key=lambda label: late if (m := moments[label]) is None else m)
    return tuple(named[label] for label in order)


def union(lists: Iterable[Sequence[Moment]]) -> tuple[Moment, ...]:
    """All points by label, each after those that come before it in some list; the longest decides.

    Ascending where all are epochs.
    """
    lists = list(lists)
    if all_epochs(point for points in lists for point in points):
        return tuple(sorted({int(point) for points in lists for point in points}))  # type: ignore[arg-type]
    merged: list[Moment] = []
    labels: list[str] = []
    for points in sorted(lists, key=len, reverse=True):
        place = 0
        for point in points:
            label = label_of(point)
            if label in labels:
                place = max(place, labels.index(label) + 1)
            else:
                merged.insert(place, point)
                labels.insert(place, label)
                place += 1
    return tuple(merged)


def record_coordinates(points: Sequence[Moment]) -> dict[str, Any]:
    """`record`, counted from 0, and `label`, as xarray takes coordinates."""
    import numpy as np  # not for those who plan

    return {
        "record": ("record", np.arange(len(points)), {"long_name": "record point", "units": "1"}),
        "label": (
            "record",
            np.array([label_of(point) for point in points], dtype=object),
            {"long_name": "name of the record point"},
        ),
    }
