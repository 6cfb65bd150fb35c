"""When a search for a boundary ends."""

from __future__ import annotations

from layeratlas.config.refine import SeedRange
from layeratlas.refining.choosing import Chosen, Known, choose

__all__ = ["BUDGET", "FOUND", "NONE", "SEEDS", "next_or_end"]

FOUND, NONE, BUDGET, SEEDS = "found", "none", "budget", "seeds"
"""The tolerance is reached; there is no boundary; a generation more is beyond the budget; nothing
would tell more, since all points near the boundary have their seeds."""


def next_or_end(
    known: Known,
    moved: float,
    runs: int,
    *,
    tolerance: float,
    budget: int,
    seeds: SeedRange,
    batch: int,
) -> tuple[list[Chosen], str]:
    """The next generation and "", or nothing and why the search ends.

    `moved` is how far the last generation moved the boundary, NaN where there was but one; `runs`
    are those so far. Budget and tolerance end a series of generations and change none of it.
    """
    boundary = known.boundary
    if not boundary.exists:
        return [], NONE
    if boundary.offset <= tolerance and moved <= tolerance:
        return [], FOUND
    chosen = choose(known, seeds, batch)
    if not chosen:
        return [], SEEDS
    if runs + sum(one.seeds for one in chosen) > budget:
        return [], BUDGET
    return chosen, ""
