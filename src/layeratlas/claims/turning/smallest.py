"""The smallest change that turns a verdict, among candidates that each go along one line.

A candidate moves its place by t units, up or down. One of them that turns the verdict leads:

1. at t = 2, then 8, 32, …, until some candidate turns it; the first found leads;
2. where on its line it does so is found by steps and bisection, to `TOLERANCE`;
3. all others are asked at a little less: those that do not turn it are dismissed, the first that
   does leads in its place, back to 2. With none left, the leader's is the smallest change.

So most candidates are judged once. Those that move the same numbers of the claim, each the same
way, are alike: only the one that moves them farthest is judged, first of all the farthest.

Numbers need not be smooth (ranks, counts of signs): only verdicts are asked for. What is taken for
granted is that a verdict that has not turned at t has not turned before; and that of changes that
are alike the farthest turns it first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from layeratlas.claims.turning.fields import Place, Shift
from layeratlas.claims.turning.judging import Batch, Judging, Outcome

__all__ = ["TOLERANCE", "Candidate", "Turn", "smallest", "turned_at"]

#: How near the smallest change is found, relative.
TOLERANCE = 1e-2
_FIRST, _STEP = 2.0, 4.0
# Labels are handled once for all steps: many of them cost little more than few.
_PARTS = 700
_DOWN = 1e-3
# Below so many units a change is rounding.
_LEAST = 1e-6


@dataclass(frozen=True)
class Candidate:
    """A place that moves by t units, up (`sign` +1) or down (−1)."""

    place: Place
    sign: int

    @property
    def most(self) -> float:
        """The largest t that is tried."""
        return self.place.most

    def change(self, units: float) -> list[Shift]:
        return [self.place.moved(self.sign * min(units, self.most))]


@dataclass(frozen=True)
class Turn:
    """A change that turns the verdict at `units`, and does not at `below`."""

    candidate: Candidate
    units: float
    below: float
    outcome: Outcome


def smallest(judging: Judging, candidates: Sequence[Candidate], base: Outcome) -> Turn | None:
    """The smallest turn; None where no candidate turns the verdict."""
    alive, units, low = list(candidates), _FIRST, 0.0
    best: Turn | None = None
    while alive and not judging.is_spent:
        first, left = _first(judging, alive, units, base)
        if first is not None:
            leader, outcome = first
            best = _along(judging, Turn(leader, min(units, leader.most), low, outcome), base)
            units, low, alive = best.units * (1 - TOLERANCE), 0.0, left
        elif best is not None:
            break
        else:
            alive = [candidate for candidate in alive if candidate.most > units]
            units, low = units * _STEP, units
    return best


def turned_at(
    judging: Judging, candidates: Sequence[Candidate], units: float, base: Outcome
) -> list[tuple[Candidate, Outcome]]:
    """The candidates that turn the verdict by this change, each with what it comes to.

    Of those alike, by how far they move what the claim asks for, the nearest that does is sought.
    """
    batch = judging.batch([c.change(units) for c in candidates])
    found = []
    for group in _alike(batch, len(candidates)):
        if not batch.outcome(group[0]).turns(base):
            continue
        below, above = len(group), 0
        while below - above > 1:
            middle = (below + above) // 2
            if batch.outcome(group[middle]).turns(base):
                above = middle
            else:
                below = middle
        found += [(candidates[k], batch.outcome(group[0])) for k in group[:below]]
    return found


def _first(
    judging: Judging, alive: Sequence[Candidate], units: float, base: Outcome
) -> tuple[tuple[Candidate, Outcome] | None, list[Candidate]]:
    """A candidate that turns the verdict at t = `units`; and those not dismissed before it."""
    batch = judging.batch([c.change(units) for c in alive])
    groups = _alike(batch, len(alive))
    for number, group in enumerate(groups):
        if (outcome := batch.outcome(group[0])).turns(base):
            rest = [k for others in (group[1:], *groups[number + 1 :]) for k in others]
            return (alive[group[0]], outcome), [alive[k] for k in rest]
    return None, []


def _along(judging: Judging, turn: Turn, base: Outcome) -> Turn:
    """Where on its line the candidate of a turn begins to turn the verdict."""
    while turn.units - turn.below > TOLERANCE * turn.units and not judging.is_spent:
        steps = list(_steps(turn.below, turn.units))
        batch = judging.batch([turn.candidate.change(t) for t in steps])
        below, above = -1, len(steps)
        outcome = turn.outcome
        while above - below > 1:
            middle = (below + above) // 2
            if (found := batch.outcome(middle)).turns(base):
                above, outcome = middle, found
            else:
                below = middle
        low = steps[below] if below >= 0 else turn.below
        high = steps[above] if above < len(steps) else turn.units
        turn = Turn(turn.candidate, high, low, outcome)
        if high <= _LEAST:
            break
    return turn


def _steps(low: float, high: float) -> Iterator[float]:
    """Values between two, evenly; by equal factors where nothing is known of small ones."""
    for k in range(1, _PARTS):
        if low > 0:
            yield low + (high - low) * k / _PARTS
        else:
            yield high * _DOWN ** (1 - k / _PARTS)


def _alike(batch: Batch, count: int) -> list[list[int]]:
    """Numbers of changes that move something, those alike together; the farthest first."""
    groups: dict[object, list[tuple[float, int]]] = {}
    for number in range(count):
        trace = batch.trace(number)
        if trace is None:
            groups[number] = [(0.0, number)]
        elif trace.how:
            groups.setdefault(trace.how, []).append((-trace.far, number))
    ordered = sorted(sorted(group) for group in groups.values())
    return [[number for _, number in group] for group in ordered]
