"""The plane of two axes in which a boundary is looked for, as a unit square.

What is far and near is told in units of the ranges of the axes, or of their logarithms. New points
are those of a lattice, so that the same place always has the same values, which are rounded to the
six digits that tell values of an axis apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

__all__ = ["STEPS", "Plane", "Side"]

#: Steps of the lattice along an axis.
STEPS = 64


@dataclass(frozen=True)
class Side:
    """An axis of the plane, from `low` to `high`; `log` spaced, or of `whole` numbers."""

    name: str
    low: float
    high: float
    log: bool = False
    whole: bool = False

    def unit(self, values: Sequence[float] | np.ndarray) -> np.ndarray:
        """Values as places in [0, 1]."""
        low, high, values = self._spaced([self.low, self.high, *values])
        return (values - low) / (high - low)

    def values(self, unit: np.ndarray) -> np.ndarray:
        """Places as values, rounded to six digits, whole ones to whole numbers."""
        found = self.spread(unit)
        digits = np.array([float(f"{value:.6g}") for value in found.ravel()]).reshape(found.shape)
        rounded = np.rint(digits) if self.whole else digits
        return np.clip(rounded, self.low, self.high)

    def spread(self, unit: np.ndarray) -> np.ndarray:
        """Places as they lie between the ends, not rounded."""
        low, high, _ = self._spaced([self.low, self.high])
        found = low + np.asarray(unit, float) * (high - low)
        return np.exp(found) if self.log else found

    def _spaced(self, values: Sequence[float]) -> tuple[float, float, np.ndarray]:
        all_of = np.asarray(values, float)
        all_of = np.log(all_of) if self.log else all_of
        return float(all_of[0]), float(all_of[1]), all_of[2:]


@dataclass(frozen=True)
class Plane:
    """Two axes; places are rows (x, y) of the unit square."""

    x: Side
    y: Side

    @property
    def names(self) -> tuple[str, str]:
        return self.x.name, self.y.name

    def unit(self, points: Float[np.ndarray, "point 2"]) -> Float[np.ndarray, "point 2"]:
        """Points, in values of the axes, as places."""
        points = np.asarray(points, float).reshape(-1, 2)
        return np.stack([self.x.unit(points[:, 0]), self.y.unit(points[:, 1])], axis=1)

    def values(self, places: Float[np.ndarray, "point 2"]) -> Float[np.ndarray, "point 2"]:
        """Places as points, rounded as `Side.values` does."""
        return np.stack([self.x.values(places[:, 0]), self.y.values(places[:, 1])], axis=1)

    def lattice(self) -> Float[np.ndarray, "point 2"]:
        """Places of all points that may be asked for, the second axis fastest, each once."""
        points = self.values(square(STEPS))
        _, first = np.unique(points, axis=0, return_index=True)
        return self.unit(points[np.sort(first)])


def square(steps: int) -> Float[np.ndarray, "place 2"]:
    """(steps + 1)² evenly spaced places of the unit square, the second coordinate fastest."""
    along = np.linspace(0.0, 1.0, steps + 1)
    x, y = np.meshgrid(along, along, indexing="ij")
    return np.stack([x.ravel(), y.ravel()], axis=1)
