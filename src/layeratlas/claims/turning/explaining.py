"""What carries the verdict of a claim, and the smallest change that turns it, as one answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from layeratlas.claims.asking import Name, only
from layeratlas.claims.claim import NOT_APPLICABLE, Claim
from layeratlas.claims.spread import judged_with_spreads
from layeratlas.claims.turning.fields import Place, fields_of, seeds_of, without_seed
from layeratlas.claims.turning.judging import NOTHING, RAISED, Cubes, Judging, Outcome, outcome_of
from layeratlas.claims.turning.reading import read
from layeratlas.claims.turning.smallest import Candidate, Turn, smallest, turned_at

__all__ = ["REACH", "Change", "Why", "explain"]

#: What carries a verdict turns it by a change up to so many times the smallest.
REACH = 2.0
#: How often a claim is judged one by one before the search ends, where it cannot be at once.
MOST_JUDGED = 400
#: Seeds that are left out one by one; of more the first are.
_MOST_SEEDS = 20
# The change that is told is this much farther than where the verdict was found to turn.
_BEYOND = 1e-3
_HALVINGS = 10


@dataclass(frozen=True)
class Change:
    """One number of a cube, its mean over seeds, and what is added to it in every seed.

    `by` is `units` times the standard deviation over seeds; where there is none (`is_by_seeds`
    false), over the cells of the variable at this layer. `at` names the place by coordinates.
    """

    experiment: str
    variable: str
    at: Mapping[str, Any]
    cell: Mapping[str, Any]
    value: float
    by: float
    units: float
    is_by_seeds: bool
    becomes: str


@dataclass(frozen=True)
class Why:
    """Why a claim has its verdict.

    `change` is the smallest change of one number that turns it, None where none does; `carriers`
    are numbers that turn it by at most `REACH` times as many units, each with that change.
    `reads` are the variables that the claim reads, `n_places` how many of their places. `seeds` is
    the verdict without each seed. `lacking` are places of which no run has a number; `left_out`
    variables that were not changed. `is_complete` is false where the search ended before all was
    tried.
    """

    claim: Claim
    change: Change | None = None
    carriers: tuple[Change, ...] = ()
    seeds: Mapping[Any, str] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    n_places: int = 0
    lacking: tuple[Mapping[str, Any], ...] = ()
    left_out: tuple[str, ...] = ()
    is_complete: bool = True


def explain(judge: Callable[[Cubes], list[Claim]], cubes: Cubes, wanted: Name) -> Why | None:
    """Why a claim of those that `judge` finds has its verdict; None where it is not made.

    The claim is taken as a function of the cubes and nothing else (`turning`). What is told turns
    it has been judged anew on cubes changed so, standard errors over seeds included.
    """
    judging = Judging(_quietly(judge), cubes, wanted, MOST_JUDGED)
    claim = judging.claim()
    if claim is None:
        return None
    if claim.verdict == NOT_APPLICABLE:
        return Why(claim)
    # Which numbers are read does not depend on standard errors; of fewer cubes these cost less.
    random = np.random.default_rng(0)
    found, left = read(judging, fields_of(judging.cubes), outcome_of(claim), random)
    claim = _whole(judging) or claim
    judging.spread = claim.spread
    base = outcome_of(claim)
    places = [place for one in found for place in one.places()]
    candidates = [Candidate(place, sign) for place in places for sign in (1, -1)]
    turn = smallest(judging, candidates, base)
    told = _confirmed(judging, turn, base) if turn else None
    carriers = []
    if told and turn:
        near = turned_at(judging, candidates, REACH * told[0], base)
        carriers = [_change(c, min(REACH * told[0], c.most), o) for c, o in near]
    return Why(
        claim,
        change=_change(turn.candidate, told[0], told[1]) if told and turn else None,
        carriers=tuple(carriers),
        seeds=_without_seeds(judging, cubes),
        reads=tuple(dict.fromkeys(f"{_variable(r.field)}" for r in found)),
        n_places=len(places),
        lacking=tuple(_shown(p) for one in found for p in one.missing()),
        left_out=tuple(map(_variable, left)),
        is_complete=not judging.is_spent,
    )


def _whole(judging: Judging) -> Claim | None:
    """The claim as `papers.check` has it, judged against its standard error where that counts."""
    claim = judging.claim()
    if claim is None or not claim.is_order:
        return claim
    with only(judging.wanted):
        found = judged_with_spreads(judging.judge, judging.cubes)
    return next((c for c in found if Name(c.id, c.subject) == judging.wanted), None)


def _quietly(judge: Callable[[Cubes], list[Claim]]) -> Callable[[Cubes], list[Claim]]:
    """What numpy warns of on changed numbers is no news."""

    def judged(cubes: Cubes) -> list[Claim]:
        with np.errstate(all="ignore"):
            return judge(cubes)

    return judged


def _confirmed(judging: Judging, turn: Turn, base: Outcome) -> tuple[float, Outcome] | None:
    """How far the candidate turns the claim as it is judged in the end, and what it becomes.

    The search holds the standard error; where that changes with the data, the place is sought along
    the candidate's line.
    """

    def at(units: float) -> Outcome:
        with judging.changed(turn.candidate.change(units)):
            try:
                return outcome_of(_whole(judging))
            except RAISED:
                return NOTHING

    low, high = turn.below, turn.units * (1 + _BEYOND)
    if (outcome := at(high)).turns(base):
        return high, outcome
    most = turn.candidate.most
    while high < most:
        low, high = high, min(2 * high, most)
        if (outcome := at(high)).turns(base):
            break
    else:
        return None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if (found := at(middle)).turns(base):
            high, outcome = middle, found
        else:
            low = middle
    return high, outcome


def _without_seeds(judging: Judging, cubes: Cubes) -> dict[Any, str]:
    seeds = seeds_of(judging.cubes)
    if len(seeds) < 2:
        return {}
    found = {}
    for seed in seeds[:_MOST_SEEDS]:
        outcome = judging.safe(without_seed(judging.cubes, seed))
        found[seed] = outcome.verdict or "not judged"
    return found


def _change(candidate: Candidate, units: float, outcome: Outcome) -> Change:
    place, sign = candidate.place, candidate.sign
    axes = place.field.axes
    return Change(
        experiment=place.field.cube,
        variable=_variable(place.field),
        at=_shown(place),
        cell={dim: label for dim, label in place.labels.items() if dim in axes},
        value=float(place.field.mean[place.index]),
        by=sign * units * place.unit,
        units=units,
        is_by_seeds=bool(place.field.is_by_seeds[place.index]),
        becomes=outcome.verdict,
    )


def _variable(one: Any) -> str:
    return f"{one.node}/{one.name}".lstrip("/")


def _shown(place: Place) -> dict[str, Any]:
    """Coordinates of a place along dims of more than one position."""
    sizes = dict(zip(place.field.place_dims, place.field.shape, strict=True))
    return {dim: label for dim, label in place.labels.items() if sizes[dim] > 1}


def by_cell(changes: Iterable[Change]) -> dict[tuple, list[Change]]:
    """Changes by experiment and cell, in their order."""
    found: dict[tuple, list[Change]] = {}
    for change in changes:
        found.setdefault((change.experiment, *change.cell.items()), []).append(change)
    return found
