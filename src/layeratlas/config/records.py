"""Which record points a run keeps, whatever its length: `records` of a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from pydantic import BaseModel, ConfigDict

from layeratlas.config.checkpoints import MOST_MOMENTS
from layeratlas.config.record_entries import AtEpoch, AtStep, Entry, Mark, Series, entries
from layeratlas.errors import ConfigError
from layeratlas.kinds.base import Kind
from layeratlas.runs.records import Moment, Point, in_order

Pace: TypeAlias = tuple[int, int]
"""How long a run is: its epochs, or the moments of another kind, and the steps of each."""


def pace_of(kind: Kind, run: Any) -> Pace:
    """How long a run of this kind is; moments without steps inside them count as one."""
    return kind.horizon(run)[1], kind.steps(run) if kind.steps else 1


class Records(BaseModel):
    """Record points of runs, whatever their lengths; each keeps those that it gets to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    entries: tuple[Entry, ...]

    @property
    def by_epoch(self) -> bool:
        """Whether all are epochs, as `checkpoints` are."""
        return all(
            entry == "final"
            or (isinstance(entry, AtEpoch) and not entry.label)
            or (isinstance(entry, Series) and entry.unit == "epoch")
            for entry in self.entries
        )

    def of(self, epochs: int, steps: int) -> tuple[Moment, ...]:
        """The points of a run of so many epochs of so many steps, in the order it comes to them."""
        points: list[Moment] = []
        for entry in self.entries:
            if entry == "final":
                points.append(epochs if self.by_epoch else Point(epoch=epochs, label="final"))
            elif isinstance(entry, AtEpoch):
                if entry.epoch <= epochs:
                    label = entry.label
                    points.append(Point(epoch=entry.epoch, label=label) if label else entry.epoch)
            elif isinstance(entry, AtStep):
                if entry.step <= epochs * steps:
                    points.append(Point(step=entry.step, label=entry.label))
            elif isinstance(entry, Mark):
                points.append(Point(**dict(entry)))
            elif isinstance(entry, Series):
                by_step = entry.unit == "step"
                moments = entry.until(epochs * steps if by_step else epochs)
                points += [Point(step=m) for m in moments] if by_step else [*moments]
        return in_order(points, steps)


def records(asked: Any, setting: str, paces: Iterable[Pace], where: str) -> Records:
    """The record points that a file asks for, of runs of these paces.

    `setting` gives a run its length in epochs. ConfigError for a moment that no run reaches, where
    a run would keep nothing, and for more than a run keeps.
    """
    found = Records(entries=tuple(entries(asked, where, "records")))
    paces = sorted(set(paces))
    epochs, steps = max(pace[0] for pace in paces), max(n * step for n, step in paces)
    for i, entry in enumerate(found.entries):
        told = _first(entry)
        if told is not None and told[1] > (last := steps if told[0] == "step" else epochs):
            key, moment = told
            article = "an epoch" if key == "epoch" else "a step"
            raise ConfigError(
                f"{where}: records[{i}]: expected {article} from 0 to {last}, the last of "
                f"{setting} {epochs}, or 'final', got {moment}"
            )
        if isinstance(entry, Series):
            # Counted before any is listed: a run may have a thousand million steps.
            every = entry.every if entry.start is None else 0
            number = int((steps if entry.unit == "step" else epochs) // every) if every else 0
            if number > MOST_MOMENTS:
                raise ConfigError(
                    f"{where}: records[{i}]: every {entry.every:g} keeps {number} {entry.unit}s of "
                    f"{setting} {epochs}, and a run keeps at most {MOST_MOMENTS}; use a larger one"
                )
    for pace in paces:
        kept = len(found.of(*pace))
        if not kept:
            raise ConfigError(
                f"{where}: records: runs of {setting} {pace[0]} reach none of them; add 'final'"
            )
        if kept > MOST_MOMENTS:
            raise ConfigError(
                f"{where}: records: a run keeps at most {MOST_MOMENTS} points, and one of "
                f"{setting} {pace[0]} would keep {kept}; ask for fewer"
            )
    return found


def _first(entry: Entry) -> tuple[str, int] | None:
    """The unit and moment of the earliest of its points; None of marks and 'final'."""
    if isinstance(entry, AtEpoch):
        return "epoch", entry.epoch
    if isinstance(entry, AtStep):
        return "step", entry.step
    return (entry.unit, entry.start or 0) if isinstance(entry, Series) else None
