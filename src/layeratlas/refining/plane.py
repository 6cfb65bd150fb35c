"""The plane of two axes in which a boundary is looked for, as a unit square.

What is far and near is told in units of the ranges of the axes, or of their logarithms. New points
are those of a lattice, so that the same place always has the same values, which are rounded to the
six digits that tell values of an axis apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from layeratlas.refining.side import Side, sides_of

__all__ = ["STEPS", "Plane", "square"]

#: Steps of the lattice along an axis.
STEPS = 64


@dataclass(frozen=True)
class Plane:
    """Two axes; places are rows (x, y) of the unit square."""

    x: Side
    y: Side

    @classmethod
    def of(cls, refine: Mapping[str, Any]) -> Plane:
        """That of what a cube says of `refine`: `axes`, `log`, and the `plane` between the ends."""
        return cls(*sides_of(refine["axes"], refine["log"], refine["plane"]))

    @property
    def names(self) -> tuple[str, str]:
        return self.x.name, self.y.name

    def unit(self, points: Float[np.ndarray, "point 2"]) -> Float[np.ndarray, "point 2"]:
        """Points, in values of the axes, as places."""
        return self._each(Side.place, points)

    def values(self, places: Float[np.ndarray, "point 2"]) -> Float[np.ndarray, "point 2"]:
        """Places as points, rounded as `Side.value` does."""
        return self._each(Side.value, places)

    def unrounded(self, places: Float[np.ndarray, "point 2"]) -> Float[np.ndarray, "point 2"]:
        """Places in values of the axes, as a figure draws them."""
        return self._each(Side.unrounded, places)

    def lattice(self) -> Float[np.ndarray, "point 2"]:
        """Places of all points that may be asked for, the second axis fastest, each once."""
        points = self.values(square(STEPS))
        _, first = np.unique(points, axis=0, return_index=True)
        return self.unit(points[np.sort(first)])

    def _each(self, turned: Callable[[Side, float], float], rows: np.ndarray) -> np.ndarray:
        rows = np.asarray(rows, float).reshape(-1, 2)
        sides = ((self.x, rows[:, 0]), (self.y, rows[:, 1]))
        return np.stack([[turned(side, one) for one in of.tolist()] for side, of in sides], axis=1)


def square(steps: int) -> Float[np.ndarray, "place 2"]:
    """(steps + 1)² evenly spaced places of the unit square, the second coordinate fastest."""
    along = np.linspace(0.0, 1.0, steps + 1)
    x, y = np.meshgrid(along, along, indexing="ij")
    return np.stack([x.ravel(), y.ravel()], axis=1)
