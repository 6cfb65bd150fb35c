"""From what is known of a boundary to what is asked next, and when that is enough."""

from __future__ import annotations

import math
from dataclasses import dataclass

from layeratlas.config.experiment import Experiment
from layeratlas.refining.beginning import dealer_of, place_in
from layeratlas.refining.history import History, Request
from layeratlas.refining.results import Found
from layeratlas.refining.stopping import next_or_end

__all__ = ["State", "next_generation", "state_of"]


@dataclass(frozen=True)
class State:
    """What is known after a generation: `ended` says why no further one is asked, "" where one is
    (`layeratlas.refining.stopping`).

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
    experiment: Experiment,
    history: History,
    found: Found,
    offsets: list[tuple[int, float]],
    ended: str,
) -> State:
    """The state after the last generation of a history. `offsets` are (runs, offset) of every
    generation so far, this one the last."""
    refine = experiment.refine
    assert refine is not None
    sides = [
        side_steps(low, high, refine.tolerance, axis in refine.log)
        for axis, (low, high) in experiment.plane.items()
    ]
    return State(
        runs=history.runs,
        points=len(found.points),
        generation=len(history.generations) - 1,
        offset=found.boundary.offset,
        moved=found.moved,
        more=expected(offsets, refine.tolerance),
        plain=math.prod(sides) * refine.seeds.first,
        ended=ended,
    )


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


def next_generation(
    experiment: Experiment, history: History, found: Found
) -> tuple[list[Request], str]:
    """What is asked next and "", or nothing and why the search ends
    (`layeratlas.refining.stopping`)."""
    refine = experiment.refine
    assert refine is not None
    chosen, ended = next_or_end(
        found, found.moved, history.runs,
        tolerance=refine.tolerance, budget=refine.budget, seeds=refine.seeds, batch=refine.batch,
    )  # fmt: skip
    points, dealer = history.points(), dealer_of(experiment, history)
    (low_x, _), (low_y, _) = experiment.plane.values()
    requests: list[Request] = []
    for which, (x, y), number in chosen:
        at, has = (_typed(x, low_x), _typed(y, low_y)), tuple[int, ...]()
        if which is not None:
            at, has = points[which].values, points[which].seeds
        requests.append((at, dealer.deal(place_in(experiment, at), number, has)))
    return requests, ended


def _typed(value: float, like: float) -> int | float:
    return int(value) if isinstance(like, int) else float(value)
