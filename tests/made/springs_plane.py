"""Chains over friction and noise, as functions of points: `layeratlas.refining.trying.search`."""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.chains.integrators import first_order
from layeratlas.papers.spring_block.load_curves import convexity_index
from layeratlas.refining.plane import Plane
from layeratlas.refining.side import Side

STEPS, LEFT = 10_000, 0.15
#: The diagram's plane, in which the turn bends; and one in which chains come to rest, where it is
#: μ→ = μ← in closed form (specification §3.4 ii).
DIAGRAM = Plane(Side("noise_strength", 0.02, 0.5), Side("friction_right", 0.02, 0.2))
AT_REST = Plane(Side("noise_strength", 0.2, 0.5), Side("friction_right", 0.05, 0.25))


def convexity(points: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """CI of chains of these (noise, friction) and seeds."""
    separation = first_order(
        length=7, steps=STEPS, record=[STEPS], seeds=[int(seed) for seed in seeds],
        noise=points[:, 0], friction_right=points[:, 1], friction_left=LEFT,
    )  # fmt: skip
    curves = xr.DataArray(separation[:, 0], dims=("run", "layer"))
    return convexity_index(curves).values


def beginning(series: int):
    """The same with seeds of another series: each its own ten thousand."""
    return lambda points, seeds: convexity(points, seeds + 10_000 * series + 1)


def even(plane: Plane, count: int) -> list[list[float]]:
    """So many even values along both axes."""
    return [np.linspace(side.low, side.high, count).tolist() for side in (plane.x, plane.y)]


def on_a_grid(plane: Plane, count: int, seeds: int, series: int = 0) -> np.ndarray:
    """Mean CI over seeds, (x, y), of a plain grid."""
    x, y = even(plane, count)
    points = np.array([(a, b) for a in x for b in y])
    total = np.zeros(len(points))
    for seed in range(seeds):
        total += beginning(series)(points, np.full(len(points), seed))
    return (total / seeds).reshape(count, count)


def turn_of(grid: np.ndarray) -> np.ndarray:
    """Places of the unit square on the line CI = 0 of a grid."""
    from contourpy import contour_generator

    along = np.linspace(0, 1, len(grid))
    return np.concatenate(contour_generator(along, along, grid.T).lines(0.0))


def distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Of each place of one line from the nearest of the other."""
    return np.sqrt(((one[:, None] - other[None]) ** 2).sum(-1)).min(1)
