"""Marks of a slot: how often its members' running loss has been below each of them, in a row.

    r ← 0.9 r + 0.1 loss     over the minibatches of a run, r being the first one's loss at first

A mark is judged at the end of every epoch, which is the start of the next. It comes when r has been
below `loss_below` at `times` successive ones, and comes once. A run may end at a mark: that one,
the last, has no record of its own.

Source: signal-propagation paper, §4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from layeratlas.runs.records import Moment, point_of

_DECAY = 0.9  # of the running loss
_CAME = -1


@dataclass
class MarkCounts:
    """`running_loss` is `(member,)`, 0 before the first minibatch; `times`, `(member, mark)`,
    counts successive epochs below, −1 once the mark has come; `new` are those that just have.
    `records` are the marks' records, None of the one that ends a run."""

    records: tuple[int | None, ...]
    loss_below: np.ndarray
    needed: np.ndarray
    running_loss: np.ndarray
    times: np.ndarray
    new: np.ndarray

    @classmethod
    def fresh(
        cls, points: Sequence[Moment], members: int, early_stop: Mapping[str, Any] | None = None
    ) -> MarkCounts:
        """Of record points, and of the plain settings `training.early_stop`."""
        marks: list[tuple[int | None, float, int]] = [
            (i, p.loss_below, p.times)
            for i, p in enumerate(map(point_of, points))
            if p.loss_below is not None
        ]
        # Runs from before there was such a stop do not say so; its `times` are 2 if not said.
        asked = early_stop or {}
        if (bound := asked.get("running_loss_below")) is not None:
            marks.append((None, bound, asked.get("times", 2)))
        return cls(
            records=tuple(record for record, _, _ in marks),
            loss_below=np.array([bound for _, bound, _ in marks], float),
            needed=np.array([times for _, _, times in marks], np.int64),
            running_loss=np.zeros(members),
            times=np.zeros((members, len(marks)), np.int64),
            new=np.zeros((members, len(marks)), bool),
        )

    def judge(self) -> None:
        """At the end of an epoch, whose losses `running_loss` knows."""
        with np.errstate(invalid="ignore"):
            below = self.running_loss[:, None] < self.loss_below
        waiting = self.times != _CAME
        self.times = np.where(waiting, np.where(below, self.times + 1, 0), _CAME)
        self.new = waiting & (self.times >= self.needed)
        self.times[self.new] = _CAME

    def taken(self) -> Iterator[tuple[int, np.ndarray]]:
        """Record and members of each mark that has just come; told once."""
        new, self.new = self.new, np.zeros_like(self.new)
        for mark, record in enumerate(self.records):
            if record is not None and new[:, mark].any():
                yield record, new[:, mark]

    def ended(self) -> np.ndarray:
        """Members whose last mark, the one that ends a run, has come; nobody's without one."""
        if None not in self.records:
            return np.zeros(len(self.running_loss), bool)
        return self.times[:, -1] == _CAME

    def select(self, stay: np.ndarray) -> None:
        """Members that stay in the slot."""
        self.running_loss, self.times = self.running_loss[stay], self.times[stay]
        self.new = self.new[stay]


def running(average, loss, *, first: bool):
    """r after a minibatch, `(member,)` float64 vectors of any backend; `first` of the run."""
    decay = 0.0 if first else _DECAY
    return decay * average + (1.0 - decay) * loss
