"""The same search in memory, for a function of points: no files, no jobs.

What `layeratlas refine` does with cubes, for who wants to know how it does on a quantity of their
own, and for the measurements of `benchmarks/refining.py`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from layeratlas.config.refine import SeedRange
from layeratlas.refining.boundary import Boundary, apart, boundary
from layeratlas.refining.choosing import Chosen, Known
from layeratlas.refining.noise import Samples
from layeratlas.refining.plane import Plane
from layeratlas.refining.seeds import Dealer
from layeratlas.refining.stopping import next_or_end
from layeratlas.refining.surface import Surface

__all__ = ["Search", "search"]

Runs = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Values of runs at rows (x, y), in units of the axes, of these seeds."""


class Step(NamedTuple):
    """After a generation: runs so far, how far off the boundary is, and how far it moved."""

    runs: int
    offset: float
    moved: float


class Search:
    """What a search came to.

    `known` is what the last generation told; `seeds` of every point and their `values` (point,
    seed), NaN where none was asked for; a `Step` a generation in `steps`; and why it `ended`
    (`layeratlas.refining.stopping`).
    """

    def __init__(self, runs: Runs, plane: Plane, at: float | str, most: int) -> None:
        self._runs, self._plane, self._at = runs, plane, at
        self._dealer = Dealer(range(most))
        self._points: list[tuple[float, float]] = []
        self.seeds: list[list[int]] = []
        self.values = np.full((0, most), np.nan)
        self.steps: list[Step] = []
        self.ended = ""

    @property
    def points(self) -> np.ndarray:
        """Rows (x, y), in units of the axes."""
        return self.known.points

    @property
    def surface(self) -> Surface:
        return self.known.surface

    @property
    def boundary(self) -> Boundary:
        return self.known.boundary

    @property
    def runs(self) -> int:
        """Runs in all."""
        return sum(map(len, self.seeds))

    def make(self, chosen: Sequence[Chosen]) -> None:
        """A generation: its runs, and what is known then."""
        before = self.boundary if self.steps else None
        new = [(which, seed) for one in chosen for which, seed in self._dealt(one)]
        more = np.full((len(self._points) - len(self.values), self.values.shape[1]), np.nan)
        self.values = np.concatenate([self.values, more])
        points = np.array(self._points, float)
        which, seeds = np.array(new).T
        self.values[which, seeds] = self._runs(points[which], seeds)
        surface = Surface(Samples.of(self._plane.unit(points), self.values))
        counts = np.array([len(own) for own in self.seeds])
        self.known = Known(surface, boundary(surface, self._at), self._plane, points, counts)
        moved = float("nan") if before is None else apart(self.boundary, before)
        self.steps.append(Step(self.runs, self.boundary.offset, moved))

    def _dealt(self, one: Chosen) -> list[tuple[int, int]]:
        """(point, seed) of the runs of one point; a new one is noted down."""
        which = one.which
        if which is None:
            which = len(self._points)
            self._points.append(one.values)
            self.seeds.append([])
        (place,) = self._plane.unit(np.array([one.values]))
        own = self._dealer.deal(place, one.seeds, self.seeds[which])
        self.seeds[which].extend(own)
        return [(which, seed) for seed in own]


def search(
    runs: Runs,
    plane: Plane,
    first: Sequence[Sequence[float]],
    *,
    at: float | str = 0.0,
    tolerance: float = 0.02,
    budget: int = 200,
    batch: int = 24,
    seeds: SeedRange | None = None,
) -> Search:
    """The boundary of a function, by the settings of `config.refine.Refine`; `first` are the values
    of both axes whose points are the first generation.

    Seeds are 0, 1, … `seeds.to` − 1. It ends as `layeratlas refine` does: within the tolerance and
    moved by no more, without a boundary, or where a generation more is beyond the budget.
    """
    seeds = seeds or SeedRange()
    found = Search(runs, plane, at, seeds.to)
    chosen = [Chosen(None, (x, y), seeds.first) for x, y in itertools.product(*first)]
    while chosen:
        found.make(chosen)
        chosen, found.ended = next_or_end(
            found.known, found.steps[-1].moved, found.runs,
            tolerance=tolerance, budget=budget, seeds=seeds, batch=batch,
        )  # fmt: skip
    return found
