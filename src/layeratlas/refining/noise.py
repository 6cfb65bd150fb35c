"""What was found at every point, and how much runs that differ in the seed alone differ there.

The variance of two seeds says little: it is taken to change smoothly over the plane.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

__all__ = ["Samples", "Spread"]

# Penalty on the polynomial, and the least sum of squares, in the mean of all, that a point counts.
_RIDGE, _LEAST = 0.02, 1e-4


@dataclass(frozen=True)
class Samples:
    """What was found at the points that have a finite value.

    `places` in the unit square; `values` of every seed, NaN where a seed was not asked for or gave
    none; `spread` tells how much they differ, `kept`
    which of all points these are.
    """

    places: Float[np.ndarray, "point 2"]
    values: Float[np.ndarray, "point seed"]
    spread: Spread
    kept: Int[np.ndarray, " point"]

    @classmethod
    def of(
        cls, places: Float[np.ndarray, "point 2"], values: Float[np.ndarray, "point seed"]
    ) -> Samples:
        """Of all points; those without any number are left out."""
        known = np.isfinite(values)
        kept = known.any(axis=1)
        places, values, known = places[kept], values[kept], known[kept]
        count = known.sum(axis=1)
        mean = np.where(known, values, 0.0).sum(axis=1) / count
        squares = (np.where(known, values - mean[:, None], 0.0) ** 2).sum(axis=1)
        spread = Spread(places, squares, count - 1)
        return cls(places, values, spread, np.flatnonzero(kept))

    @property
    def known(self) -> np.ndarray:
        """Which seeds of which points gave a number, (point, seed)."""
        return np.isfinite(self.values)

    @property
    def count(self) -> Int[np.ndarray, " point"]:
        """Seeds of each point that gave a number."""
        return self.known.sum(axis=1)

    @property
    def mean(self) -> Float[np.ndarray, " point"]:
        """Mean over the seeds of each point."""
        return np.where(self.known, self.values, 0.0).sum(axis=1) / self.count

    @property
    def variance(self) -> Float[np.ndarray, " point"]:
        """Variance of one run at each point."""
        return self.spread.at(self.places)

    @property
    def error(self) -> Float[np.ndarray, " point"]:
        """Standard error of each mean."""
        return np.sqrt(self.variance / self.count)

    @property
    def freedom(self) -> int:
        """Degrees of freedom of all variances together."""
        return int((self.count - 1).sum())

    @property
    def seeds(self) -> int:
        """How many seeds there are anywhere."""
        return int(self.known.any(axis=0).sum())


class Spread:
    """Variance of one run over the unit square, from few seeds at many points.

    log v is a polynomial of degree two in the places, fitted to sums of squares S_j of ν_j degrees
    of freedom as a gamma regression: runs of one seed differ from those of another by much the same
    at neighbours, so that what one point shows by chance would mislead all. 0 where no point has
    two seeds, or where seeds make no difference.
    """

    def __init__(
        self,
        places: Float[np.ndarray, "point 2"],
        squares: Float[np.ndarray, " point"],
        freedom: Int[np.ndarray, " point"],
    ) -> None:
        from sklearn.linear_model import GammaRegressor

        told = freedom > 0
        total = float(squares[told].sum())
        self._fit = None
        if total <= 0:
            return
        mean = total / freedom[told].sum()
        self._scale = mean
        own = np.maximum(squares[told] / freedom[told] / mean, _LEAST)
        self._fit = GammaRegressor(alpha=_RIDGE, max_iter=1000)
        self._fit.fit(_polynomial(places[told]), own, sample_weight=freedom[told])

    def at(self, places: Float[np.ndarray, "place 2"]) -> Float[np.ndarray, " place"]:
        """v at places."""
        if self._fit is None:
            return np.zeros(len(places))
        return self._scale * self._fit.predict(_polynomial(places))


def _polynomial(places: np.ndarray) -> np.ndarray:
    x, y = 2 * places.T - 1
    return np.stack([x, y, x * y, x**2 - 1 / 3, y**2 - 1 / 3], axis=1)
