"""Friction and noise of the chain whose load curve is a network's (beyond the paper).

A network's load curve has eight points of unknown scale, so only its *shape* is compared: both
curves are rescaled to [0, 1] by their own minimum and maximum. The chain is that of the spring
phase diagram (first order, k = y = 1, fixed μ← and running time), its shape a smooth function of
friction μ→ and noise ε̄ that a *library* of simulated chains tabulates. The fit takes the nearest
shape,

    (μ̂, ε̂) = argmin r(μ→, ε̄),   r² = mean_l (d_l − s_l(μ→, ε̄))²,

on the library refined by linear interpolation, first for each seed, then for the seed mean.

Two numbers explain one curve, and where noise is strong its strength no longer matters (§3.4
(iii): all stationary curves coincide). So every fit comes with the *region* of parameters whose
residual is within the tolerance of the best one; a parameter whose region spans more than half of
the library's range is not identifiable there, and is marked so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import RegularGridInterpolator


@dataclass(frozen=True)
class Library:
    """Range-normalised shapes `(friction, noise, layer)` of simulated chains on a grid.

    `friction` ascending; `noise` ascending, 0 allowed. `scatter` is the rms deviation of single
    chains from the mean shape, the model's own noise.
    """

    friction: np.ndarray
    noise: np.ndarray
    shapes: np.ndarray
    scatter: float

    @classmethod
    def from_separation(cls, friction, noise, separation) -> Library:
        """From y − x_l of chains, `(friction, noise, seed, layer)`."""
        order_f, order_n = np.argsort(friction), np.argsort(noise)
        separation = np.asarray(separation, float)[order_f][:, order_n]
        mean = normalised(separation.mean(axis=2))
        single = normalised(separation)
        scatter = float(np.sqrt(np.mean((single - mean[:, :, None]) ** 2)))
        return cls(np.asarray(friction)[order_f], np.asarray(noise)[order_n], mean, scatter)

    def refined(self, points: int = 81) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Frictions, noises and shapes on a grid of `points` × `points`, linear in between.

        The noise grid is even in rank between the library's values, because shapes change with
        the logarithm of noise where they change at all.
        """
        ranks = np.arange(len(self.noise), dtype=float)
        interpolate = RegularGridInterpolator((self.friction, ranks), self.shapes)
        friction = np.linspace(self.friction[0], self.friction[-1], points)
        rank = np.linspace(0, ranks[-1], points)
        grid = np.stack(np.meshgrid(friction, rank, indexing="ij"), axis=-1)
        return friction, np.interp(rank, ranks, self.noise), interpolate(grid)


@dataclass(frozen=True)
class Fit:
    """Best parameters of one curve, their residual, and the region that fits as well."""

    friction: float
    noise: float
    residual: float
    friction_interval: tuple[float, float]
    noise_interval: tuple[float, float]
    friction_identifiable: bool
    noise_identifiable: bool


def normalised(curves: np.ndarray) -> np.ndarray:
    """Curves rescaled to [0, 1] by their own minimum and maximum over the last axis."""
    low = curves.min(axis=-1, keepdims=True)
    spread = curves.max(axis=-1, keepdims=True) - low
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spread > 0, (curves - low) / spread, np.nan)


def fit_curve(curve: np.ndarray, library: Library, tolerance: float, points: int = 81) -> Fit:
    """Fit one load curve `(layer,)`.

    `tolerance` is the rms deviation that counts as equally good, e.g. the scatter between
    seeds: parameters with r² ≤ r²_min + tolerance² form the region. A curve with a missing point
    gives NaN throughout and nothing identifiable. ValueError if lengths differ.
    """
    if curve.shape != library.shapes.shape[2:]:
        raise ValueError(
            f"the curve has {curve.shape[0]} points, the library's chains {library.shapes.shape[2]}"
        )
    nan = float("nan")
    if not np.isfinite(curve).all() or np.ptp(curve) == 0:
        return Fit(nan, nan, nan, (nan, nan), (nan, nan), False, False)
    friction, noise, shapes = library.refined(points)
    square = np.mean((shapes - normalised(curve)) ** 2, axis=-1)
    i, j = np.unravel_index(np.argmin(square), square.shape)
    region = square <= square[i, j] + tolerance**2
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    # In rank, as the grid is laid out: half of the library's noise values.
    return Fit(
        friction=float(friction[i]),
        noise=float(noise[j]),
        residual=float(np.sqrt(square[i, j])),
        friction_interval=(float(friction[rows[0]]), float(friction[rows[-1]])),
        noise_interval=(float(noise[columns[0]]), float(noise[columns[-1]])),
        friction_identifiable=bool(rows[-1] - rows[0] <= (points - 1) / 2),
        noise_identifiable=bool(columns[-1] - columns[0] <= (points - 1) / 2),
    )
