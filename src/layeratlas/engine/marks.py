"""Marks of a slot: how often its members' running loss has been below each of them, in a row.

    r ← 0.9 r + 0.1 loss     over the minibatches of a run, r being the first one's loss at first

A mark is judged at the end of every epoch, which is the start of the next. It comes when r has been
below `loss_below` at `times` successive ones, and comes once.

Source: signal-propagation paper, §4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from layeratlas.runs.records import Moment, point_of

_DECAY = 0.9  # of the running loss
_CAME = -1


@dataclass
class MarkCounts:
    """`running_loss` is `(member,)`, 0 before the first minibatch; `times`, `(member, mark)`,
    counts successive epochs below, −1 once the mark has come; `new` are those that just have."""

    records: tuple[int, ...]
    loss_below: np.ndarray
    needed: np.ndarray
    running_loss: np.ndarray
    times: np.ndarray
    new: np.ndarray

    @classmethod
    def fresh(cls, points: Sequence[Moment], members: int) -> MarkCounts:
        marks = [(i, p) for i, p in enumerate(map(point_of, points)) if p.is_mark]
        return cls(
            records=tuple(i for i, _ in marks),
            loss_below=np.array([p.loss_below for _, p in marks], float),
            needed=np.array([p.times for _, p in marks], np.int64),
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
            if new[:, mark].any():
                yield record, new[:, mark]

    def select(self, stay: np.ndarray) -> None:
        """Members that stay in the slot."""
        self.running_loss, self.times = self.running_loss[stay], self.times[stay]
        self.new = self.new[stay]


def running(average, loss, *, first: bool):
    """r after a minibatch, `(member,)` float64 vectors of any backend; `first` of the run."""
    decay = 0.0 if first else _DECAY
    return decay * average + (1.0 - decay) * loss
