"""The same search in memory, for a function of points: no files, no jobs.

What `layeratlas refine` does with cubes, for who wants to know how it does on a quantity of their
own, and for the measurements of `benchmarks/refining.py`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from layeratlas.refining.boundary import Boundary, apart, boundary
from layeratlas.refining.choosing import Seeds, choose
from layeratlas.refining.noise import Samples
from layeratlas.refining.plane import Plane
from layeratlas.refining.seeds import Dealer
from layeratlas.refining.surface import Surface

__all__ = ["Search", "search"]

Runs = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Values of runs at rows (x, y), in units of the axes, of these seeds."""


@dataclass
class Search:
    """What a search came to: `surface` and `boundary` of the last generation, (runs, offset, moved)
    of each in `steps`, `points` and their `seeds`."""

    surface: Surface
    boundary: Boundary
    points: np.ndarray
    seeds: list[list[int]]
    values: np.ndarray
    steps: list[tuple[int, float, float]] = field(default_factory=list)

    @property
    def runs(self) -> int:
        """Runs in all."""
        return sum(map(len, self.seeds))


def search(
    runs: Runs,
    plane: Plane,
    first: Sequence[Sequence[float]],
    *,
    at: float | str = 0.0,
    tolerance: float = 0.02,
    budget: int = 200,
    batch: int = 24,
    seeds: Seeds | None = None,
) -> Search:
    """The boundary of a function, by the settings of `config.refine.Refine`; `first` are the values
    of both axes whose points are the first generation.

    Seeds are 0, 1, … `seeds.most` − 1. It ends as `layeratlas refine` does: within the tolerance
    and moved by no more, without a boundary, or where a generation more is beyond the budget.
    """
    seeds = seeds or Seeds(2, 10)
    dealer = Dealer(range(seeds.most))
    points = np.array(list(itertools.product(*first)), float)
    dealt = [list(dealer.deal(place, seeds.first)) for place in plane.unit(points)]
    values = np.full((len(points), seeds.most), np.nan)
    _fill(values, runs, points, [(i, own) for i, own in enumerate(dealt)])
    found = Search(*_fitted(plane, points, values, at), points, dealt, values)
    found.steps.append((found.runs, found.boundary.offset, float("nan")))
    while True:
        _, offset, moved = found.steps[-1]
        if not found.boundary.exists or (offset <= tolerance and moved <= tolerance):
            return found
        counts = np.array([len(own) for own in found.seeds])
        asked = choose(found.surface, found.boundary, plane, found.points, counts, seeds, batch)
        if not asked or found.runs + sum(n for *_, n in asked) > budget:
            return found
        todo = []
        for which, point, number in asked:
            if which is None:
                which = len(found.points)
                found.points = np.concatenate([found.points, [point]])
                found.seeds.append([])
                empty = np.full((1, seeds.most), np.nan)
                found.values = np.concatenate([found.values, empty])
            (place,) = plane.unit(found.points[which : which + 1])
            new = dealer.deal(place, number, found.seeds[which])
            found.seeds[which].extend(new)
            todo.append((which, list(new)))
        _fill(found.values, runs, found.points, todo)
        before = found.boundary
        found.surface, found.boundary = _fitted(plane, found.points, found.values, at)
        moved = apart(found.boundary, before)
        found.steps.append((found.runs, found.boundary.offset, moved))


def _fill(
    values: np.ndarray, runs: Runs, points: np.ndarray, todo: list[tuple[int, list[int]]]
) -> None:
    which = np.array([i for i, own in todo for _ in own])
    seeds = np.array([seed for _, own in todo for seed in own])
    values[which, seeds] = runs(points[which], seeds)


def _fitted(
    plane: Plane, points: np.ndarray, values: np.ndarray, at: float | str
) -> tuple[Surface, Boundary]:
    surface = Surface(Samples.of(plane.unit(points), values))
    return surface, boundary(surface, at)
