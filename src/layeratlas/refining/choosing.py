"""Which runs would tell most of where the boundary is.

A run at x with noise of variance τ² makes the variance at z smaller by c(z, x)² / (c(x, x) + τ²),
c the covariance of the posterior. What is gained is that, in squared distances along all that may
be boundary, by run; the next run is chosen as if the ones before had been made. Where the line
bends it is worth more, and so is a further seed of a point whose own verdict is open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from layeratlas.refining.boundary import Boundary, density
from layeratlas.refining.plane import STEPS, Plane, square
from layeratlas.refining.surface import Surface

__all__ = ["Seeds", "choose"]

Point = tuple[float, float]

# Places that are looked at closely: those with so much of the boundary's largest weight.
_NEAR = 1e-3
_MOST_NEAR = 800
# Between them, so that an island is found: every so many steps of the lattice.
_COARSE = 4
_OPEN, _PREFERRED = 1.96, 2.0
_BEND, _MOST_BENT = 0.1, 3.0


@dataclass(frozen=True)
class Seeds:
    """How many seeds a new point gets, and the most that any has."""

    first: int
    most: int


def choose(
    surface: Surface,
    found: Boundary,
    plane: Plane,
    points: Float[np.ndarray, "point 2"],
    counts: Int[np.ndarray, " point"],
    seeds: Seeds,
    runs: int,
) -> list[tuple[int | None, Point, int]]:
    """The next generation, about `runs` runs in all: which of `points` it is of, None for a new
    one, its values, and how many seeds it gets more.

    `counts` are the seeds that were asked for at every point. A point that gave no number, or not
    for all of its seeds, is asked for no further.
    """
    target, weight = _targets(surface, found)
    candidates, before, open_, which = _candidates(surface, found, plane, points, counts, seeds)
    if not len(candidates):
        return []
    cross = surface.covariance(candidates, target)
    among = surface.covariance(candidates, candidates)
    noise = surface.noise(candidates)
    added = np.zeros(len(candidates), int)
    spent = 0
    while spent < runs:
        cost = np.where(before + added == 0, seeds.first, np.minimum(
            seeds.first, seeds.most - before - added))  # fmt: skip
        free = cost > 0
        if not free.any():
            break
        alone = np.maximum(np.diag(among), 0.0)
        # What is not smooth no seed tells apart from the surface.
        told = alone + surface.roughness + noise / np.maximum(cost, 1)
        gain = (cross**2 @ weight) / np.maximum(told, 1e-300) / np.maximum(cost, 1)
        gain = np.where(open_ & (before + added > 0), _PREFERRED * gain, gain)
        gain = np.where(free, gain, -1.0)
        best = int(np.argmax(gain))
        if gain[best] <= 0:
            break
        added[best] += cost[best]
        spent += int(cost[best])
        row, beside = among[best].copy(), cross[best].copy()
        among -= np.outer(row, row) / told[best]
        cross -= np.outer(row, beside) / told[best]
    values = plane.values(candidates)
    return [
        (None, (float(values[i, 0]), float(values[i, 1])), int(added[i]))
        if which[i] < 0
        else (int(which[i]), tuple(points[which[i]].tolist()), int(added[i]))
        for i in np.flatnonzero(added)
    ]


def _targets(
    surface: Surface, found: Boundary
) -> tuple[Float[np.ndarray, "target 2"], Float[np.ndarray, " target"]]:
    """Places that may be boundary, and what a variance there weighs: length of line, how bent it
    is, and distance squared by variance."""
    places = square(STEPS)
    mean, spread = surface.at(places)
    gradient = surface.slope(places)
    steep = np.linalg.norm(gradient, axis=1)
    floor = 0.05 * max(float(np.ptp(surface.samples.mean)), 1e-300)
    weight = density(mean, spread, steep, found.level) / np.maximum(steep, floor) ** 2
    weight = weight * np.minimum(1 + _BEND * _curvature(gradient), _MOST_BENT)
    order = np.argsort(-weight, kind="stable")[:_MOST_NEAR]
    order = order[weight[order] >= _NEAR * weight.max()]
    return places[order], weight[order]


def _curvature(gradient: Float[np.ndarray, "place 2"]) -> Float[np.ndarray, " place"]:
    """|div(∇µ / |∇µ|)|, by width of the plane."""
    length = np.maximum(np.linalg.norm(gradient, axis=1, keepdims=True), 1e-300)
    x, y = ((gradient / length)[:, axis].reshape(STEPS + 1, STEPS + 1) for axis in range(2))
    return np.abs(np.gradient(x, 1 / STEPS, axis=0) + np.gradient(y, 1 / STEPS, axis=1)).ravel()


def _candidates(
    surface: Surface,
    found: Boundary,
    plane: Plane,
    points: Float[np.ndarray, "point 2"],
    counts: Int[np.ndarray, " point"],
    seeds: Seeds,
) -> tuple[Float[np.ndarray, "candidate 2"], np.ndarray, np.ndarray, np.ndarray]:
    """Places where runs may be made, the seeds that each has, whether its verdict is open, and
    which point it is, -1 for a new one."""
    lattice = plane.lattice()
    mean, spread = surface.at(lattice)
    steps = np.rint(lattice * STEPS).astype(int)
    near = np.abs(mean - found.level) <= 3 * np.maximum(spread, 1e-300) + np.linalg.norm(
        surface.slope(lattice), axis=1
    ) / (STEPS / 2)
    coarse = (steps % _COARSE == 0).all(axis=1)
    known = {tuple(point) for point in points.tolist()}
    fresh = np.array([tuple(point) not in known for point in plane.values(lattice).tolist()])
    ranked = np.flatnonzero(fresh & near)
    if len(ranked) > _MOST_NEAR:
        score = np.abs(mean[ranked] - found.level) / np.maximum(spread[ranked], 1e-300)
        ranked = np.sort(ranked[np.argsort(score, kind="stable")[:_MOST_NEAR]])
    kept = np.union1d(ranked, np.flatnonzero(fresh & coarse & ~near))
    samples = surface.samples
    has = counts[samples.kept]
    again = (has < seeds.most) & (samples.count == has)
    open_ = np.abs(samples.mean - found.level) <= _OPEN * samples.error
    fresh_ones = len(kept)
    return (
        np.concatenate([lattice[kept], samples.places[again]]),
        np.concatenate([np.zeros(fresh_ones, int), has[again]]),
        np.concatenate([np.zeros(fresh_ones, bool), open_[again]]),
        np.concatenate([np.full(fresh_ones, -1), samples.kept[again]]),
    )
