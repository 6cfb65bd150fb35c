"""Which runs would tell most of where the boundary is.

A run at x with noise of variance τ² makes the variance at z smaller by c(z, x)² / (c(x, x) + τ²),
c the covariance of the posterior. What is gained is that, in squared distances along all that may
be boundary, by run; the next run is chosen as if the ones before had been made. Where the line
bends it is worth more, and so is a further seed of a point whose own verdict is open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from layeratlas.config.refine import SeedRange
from layeratlas.refining.boundary import Boundary, density
from layeratlas.refining.plane import STEPS, Plane, square
from layeratlas.refining.surface import Surface

__all__ = ["Candidates", "Chosen", "Known", "choose"]

# Places that are looked at closely: those with so much of the boundary's largest weight.
_NEAR = 1e-3
_MOST_NEAR = 800
# Between them, so that an island is found: every so many steps of the lattice.
_COARSE = 4
_OPEN, _PREFERRED = 1.96, 2.0
_BEND, _MOST_BENT = 0.1, 3.0


class Chosen(NamedTuple):
    """More seeds for a point: `which` of those known, None for a new one, its values, and how
    many."""

    which: int | None
    values: tuple[float, float]
    seeds: int


@dataclass(frozen=True)
class Known:
    """What is known of a plane: a surface through `points`, in values of the axes, its boundary,
    and the seeds that were asked for at every point, `counts`."""

    surface: Surface
    boundary: Boundary
    plane: Plane
    points: Float[np.ndarray, "point 2"]
    counts: Int[np.ndarray, " point"]

    def targets(self) -> tuple[Float[np.ndarray, "target 2"], Float[np.ndarray, " target"]]:
        """Places that may be boundary, and what a variance there weighs: length of line, how bent
        it is, and distance squared by variance."""
        places = square(STEPS)
        mean, spread = self.surface.at(places)
        gradient = self.surface.slope(places)
        steep = np.linalg.norm(gradient, axis=1)
        floor = 0.05 * max(float(np.ptp(self.surface.samples.mean)), 1e-300)
        weight = density(mean, spread, steep, self.boundary.level) / np.maximum(steep, floor) ** 2
        weight = weight * np.minimum(1 + _BEND * _curvature(gradient), _MOST_BENT)
        order = np.argsort(-weight, kind="stable")[:_MOST_NEAR]
        order = order[weight[order] >= _NEAR * weight.max()]
        return places[order], weight[order]

    def candidates(self, most: int) -> Candidates:
        """Where runs may be made, if a point has so many seeds at most.

        A point that gave no number, or not for all of its seeds, is none.
        """
        fresh, samples = self._fresh(), self.surface.samples
        has = self.counts[samples.kept]
        again = (has < most) & (samples.count == has)
        uncertain = np.abs(samples.mean - self.boundary.level) <= _OPEN * samples.error
        new = len(fresh)
        return Candidates(
            np.concatenate([fresh, samples.places[again]]),
            np.concatenate([np.zeros(new, int), has[again]]),
            np.concatenate([np.zeros(new, bool), uncertain[again]]),
            np.concatenate([np.full(new, -1), samples.kept[again]]),
        )

    def _fresh(self) -> Float[np.ndarray, "place 2"]:
        """Places of the lattice without a point: all that may be boundary, and some between."""
        lattice, level = self.plane.lattice(), self.boundary.level
        mean, spread = self.surface.at(lattice)
        steps = np.rint(lattice * STEPS).astype(int)
        near = np.abs(mean - level) <= 3 * np.maximum(spread, 1e-300) + np.linalg.norm(
            self.surface.slope(lattice), axis=1
        ) / (STEPS / 2)
        coarse = (steps % _COARSE == 0).all(axis=1)
        known = {tuple(point) for point in self.points.tolist()}
        values = self.plane.values(lattice).tolist()
        fresh = np.array([tuple(point) not in known for point in values])
        ranked = np.flatnonzero(fresh & near)
        if len(ranked) > _MOST_NEAR:
            score = np.abs(mean[ranked] - level) / np.maximum(spread[ranked], 1e-300)
            ranked = np.sort(ranked[np.argsort(score, kind="stable")[:_MOST_NEAR]])
        return lattice[np.union1d(ranked, np.flatnonzero(fresh & coarse & ~near))]


@dataclass(frozen=True)
class Candidates:
    """Places where runs may be made: how many seeds each `has`, whether its verdict is `open`, and
    `which` of the points it is, -1 for a new one."""

    places: Float[np.ndarray, "candidate 2"]
    has: Int[np.ndarray, " candidate"]
    open: Bool[np.ndarray, " candidate"]
    which: Int[np.ndarray, " candidate"]


def choose(known: Known, seeds: SeedRange, runs: int) -> list[Chosen]:
    """The next generation, about `runs` runs in all; nothing where nothing would tell more."""
    candidates = known.candidates(seeds.to)
    if not len(candidates.places):
        return []
    gains = _Gains(known, candidates, seeds)
    while gains.added.sum() < runs and (best := gains.best()) is not None:
        gains.add(best)
    values = known.plane.values(candidates.places)
    return [
        Chosen(None, _pair(values[i]), int(gains.added[i]))
        if candidates.which[i] < 0
        else Chosen(
            int(candidates.which[i]), _pair(known.points[candidates.which[i]]), int(gains.added[i])
        )
        for i in np.flatnonzero(gains.added)
    ]


class _Gains:
    """What runs at candidates would tell of the targets, given those that are `added` already."""

    def __init__(self, known: Known, candidates: Candidates, seeds: SeedRange) -> None:
        places, (target, self._weight) = candidates.places, known.targets()
        self._candidates, self._seeds = candidates, seeds
        self._cross = known.surface.covariance(places, target)
        self._among = known.surface.covariance(places, places)
        self._noise, self._rough = known.surface.noise(places), known.surface.roughness
        self.added = np.zeros(len(places), int)

    @property
    def _has(self) -> Int[np.ndarray, " candidate"]:
        return self._candidates.has + self.added

    @property
    def _cost(self) -> Int[np.ndarray, " candidate"]:
        """Runs of a visit: a new point gets its first seeds, an old one as many or all it lacks."""
        first, left = self._seeds.first, self._seeds.to - self._has
        return np.where(self._has == 0, first, np.minimum(first, left))

    def _told(self) -> Float[np.ndarray, " candidate"]:
        """Variance of what a visit finds."""
        alone = np.maximum(np.diag(self._among), 0.0)
        # What is not smooth no seed tells apart from the surface.
        return alone + self._rough + self._noise / np.maximum(self._cost, 1)

    def best(self) -> int | None:
        """The candidate that tells most by run; None where none tells anything."""
        cost = self._cost
        gain = (self._cross**2 @ self._weight) / np.maximum(self._told(), 1e-300)
        gain = gain / np.maximum(cost, 1)
        gain = np.where(self._candidates.open & (self._has > 0), _PREFERRED * gain, gain)
        gain = np.where(cost > 0, gain, -1.0)
        best = int(np.argmax(gain))
        return best if gain[best] > 0 else None

    def add(self, which: int) -> None:
        """As if this visit had been made: variances and covariances are what it leaves."""
        told = self._told()[which]
        self.added[which] += self._cost[which]
        row, beside = self._among[which].copy(), self._cross[which].copy()
        self._among -= np.outer(row, row) / told
        self._cross -= np.outer(row, beside) / told


def _curvature(gradient: Float[np.ndarray, "place 2"]) -> Float[np.ndarray, " place"]:
    """|div(∇µ / |∇µ|)|, by width of the plane."""
    length = np.maximum(np.linalg.norm(gradient, axis=1, keepdims=True), 1e-300)
    x, y = ((gradient / length)[:, axis].reshape(STEPS + 1, STEPS + 1) for axis in range(2))
    return np.abs(np.gradient(x, 1 / STEPS, axis=0) + np.gradient(y, 1 / STEPS, axis=1)).ravel()


def _pair(row: np.ndarray) -> tuple[float, float]:
    return float(row[0]), float(row[1])
