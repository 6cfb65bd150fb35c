"""From what is known of a boundary to what is asked next, and when that is enough."""

from __future__ import annotations

import math
from dataclasses import dataclass

from layeratlas.config.experiment import Experiment
from layeratlas.refining.beginning import dealer_of, place_in
from layeratlas.refining.choosing import Seeds, choose
from layeratlas.refining.history import History, Request
from layeratlas.refining.results import Found

__all__ = ["BUDGET", "FOUND", "NONE", "SEEDS", "State", "next_generation", "state_of"]

FOUND, NONE, BUDGET, SEEDS = "found", "none", "budget", "seeds"
"""The tolerance is reached; there is no boundary; a generation more is beyond the budget; nothing
would tell more, since all points near the boundary have their seeds."""


@dataclass(frozen=True)
class State:
    """What is known after a generation: `ended` says why no further one is asked, "" where one is.

    `offset` and `moved` in units of the axes' ranges; `more` runs are expected to the tolerance,
    NaN where nobody can tell; `plain` runs has a grid as fine as the tolerance.
    """

    runs: int
    points: int
    generation: int
    offset: float
    moved: float
    more: float
    plain: int
    ended: str


def state_of(
    experiment: Experiment, history: History, found: Found, offsets: list[tuple[int, float]]
) -> State:
    """The state after the last generation of a history. `offsets` are (runs, offset) of every
    generation so far, this one the last."""
    refine = experiment.refine
    assert refine is not None
    boundary, runs = found.boundary, history.runs
    sides = [side_steps(low, high, refine.tolerance, axis in refine.log)
             for axis, (low, high) in experiment.plane.items()]  # fmt: skip
    plain = math.prod(sides) * refine.seeds.first
    ended = ""
    later = len(history.generations) > 1
    settled = later and found.moved <= refine.tolerance
    if not boundary.exists:
        ended = NONE
    elif boundary.offset <= refine.tolerance and settled:
        ended = FOUND
    more = expected(offsets, refine.tolerance)
    return State(
        runs, len(found.points), len(history.generations) - 1, boundary.offset, found.moved, more,
        plain, ended,
    )  # fmt: skip


def side_steps(low: float, high: float, tolerance: float, log: bool) -> int:
    """Values of an axis whose neighbours are the tolerance apart; of whole numbers, all at most."""
    steps = math.ceil(1 / tolerance) + 1
    whole = isinstance(low, int) and isinstance(high, int) and not log
    return min(steps, int(high - low) + 1) if whole else steps


def expected(offsets: list[tuple[int, float]], tolerance: float) -> float:
    """Runs to the tolerance, if the offset goes on falling as a power of the runs: δ ∝ n^−p with
    the p of the generations so far, between 1/2, as noise alone would, and 2."""
    runs, offset = offsets[-1]
    if offset <= tolerance:
        return 0.0
    power = 1.0
    known = [(n, d) for n, d in offsets if d > 0]
    if len(known) > 1:
        (first, before), (last, now) = known[0], known[-1]
        if last > first:
            power = min(2.0, max(0.5, math.log(before / now) / math.log(last / first)))
    return runs * ((offset / tolerance) ** (1 / power) - 1)


def next_generation(experiment: Experiment, history: History, found: Found) -> list[Request]:
    """What is asked next, whatever the budget: it ends a series of generations and changes none.

    Nothing where nothing would tell more.
    """
    refine = experiment.refine
    assert refine is not None
    chosen = choose(
        found.surface,
        found.boundary,
        found.plane,
        found.points,
        found.counts,
        Seeds(refine.seeds.first, refine.seeds.to),
        refine.batch,
    )
    points = history.points()
    dealer = dealer_of(experiment, history)
    requests: list[Request] = []
    for which, values, number in chosen:
        if which is None:
            at = tuple(_typed(v, low) for v, (low, _) in zip(
                values, experiment.plane.values(), strict=True))  # fmt: skip
            has: tuple[int, ...] = ()
        else:
            at, has = points[which].values, points[which].seeds
        point = (at[0], at[1])
        requests.append((point, dealer.deal(place_in(experiment, point), number, has)))
    return requests


def _typed(value: float, like: float) -> int | float:
    return int(value) if isinstance(like, int) else float(value)
