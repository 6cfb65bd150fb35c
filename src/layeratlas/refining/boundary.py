"""The line on which a surface has a level, and how far off it may be.

Where the surface f has mean µ and standard deviation σ, the line µ = h is off by about
δ = σ / |∇µ|, in units of the ranges of the axes. How much line there is near a place, whether or
not the mean has one there, is by Rice's formula ρ = φ((h − µ) / σ) |∇µ| / σ; what is said of the
boundary as a whole is a mean with the weight ρ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from layeratlas.config.refine import LARGEST_GRADIENT
from layeratlas.refining.plane import STEPS, square
from layeratlas.refining.surface import Surface

__all__ = ["CONFIDENCE", "Boundary", "apart", "boundary", "density"]

#: With which probability the whole line lies within its band.
CONFIDENCE = 0.95

# Beyond half the plane nobody knows where the line is.
_FARTHEST = 0.5
# As much line as this is expected where there is none, in widths of the plane.
_NONE = 0.02
_LEVELS = 17
_DRAWS = 4000


@dataclass(frozen=True)
class Boundary:
    """The line of a level over the unit square.

    `lines` are its pieces, as places; `offset` is the root mean square of δ along all that may be
    boundary, `length` how much of it is expected, in widths of the plane; `above` the share of the
    plane that is above the level. `band` is the number c of standard deviations that the whole
    boundary lies within, |µ − h| ≤ c σ, with probability `CONFIDENCE`.
    """

    level: float
    lines: tuple[Float[np.ndarray, "place 2"], ...]
    offset: float
    length: float
    above: float
    band: float

    @property
    def exists(self) -> bool:
        """Whether any boundary is seen, or may be between the points."""
        return bool(self.lines) or self.length > _NONE


def boundary(surface: Surface, at: float | str) -> Boundary:
    """The boundary of a surface at a level, or at `LARGEST_GRADIENT`."""
    places = square(STEPS)
    mean, spread = surface.at(places)
    gradient = surface.slope(places)
    steep = np.linalg.norm(gradient, axis=1)
    level = steepest(mean, steep) if at == LARGEST_GRADIENT else float(at)
    weight = density(mean, spread, steep, level)
    total = float(weight.sum())
    length = total / len(places)
    away = np.minimum(spread / np.maximum(steep, 1e-300), _FARTHEST)
    offset = float(np.sqrt((weight * away**2).sum() / total)) if total else _FARTHEST
    lines = _lines(mean, level)
    return Boundary(
        level=level,
        lines=lines,
        offset=offset,
        length=length,
        above=float((mean > level).mean()),
        band=_band(surface, lines),
    )


def apart(one: Boundary, other: Boundary) -> float:
    """Root mean square distance of two boundaries from each other, whichever is the larger; NaN
    where either has no line."""
    if not (one.lines and other.lines):
        return float("nan")
    a, b = (np.concatenate(each.lines) for each in (one, other))
    away = np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=-1))
    return float(max(np.sqrt((away.min(k) ** 2).mean()) for k in (0, 1)))


def density(
    mean: Float[np.ndarray, " place"],
    spread: Float[np.ndarray, " place"],
    steep: Float[np.ndarray, " place"],
    level: float,
) -> Float[np.ndarray, " place"]:
    """ρ, length of the boundary by area, smoothed over a step of the lattice.

    The level may lie anywhere between two places of it, so that a line that is certain is not lost.
    """
    wide = np.sqrt(spread**2 + (steep / STEPS) ** 2)
    wide = np.maximum(wide, 1e-300)
    return np.exp(-(((level - mean) / wide) ** 2) / 2) / np.sqrt(2 * np.pi) * steep / wide


def steepest(mean: np.ndarray, steep: np.ndarray) -> float:
    """The level, of those between the lowest and the highest tenth, whose line is the steepest."""
    low, high = np.quantile(mean, [0.02, 0.98])
    levels = np.linspace(low + 0.1 * (high - low), high - 0.1 * (high - low), _LEVELS)
    width = (high - low) / _LEVELS or 1.0
    near = np.exp(-(((mean[None] - levels[:, None]) / width) ** 2) / 2) * steep
    # A mean along the line weighs places by the length of line there, which goes with the slope.
    return float(levels[np.argmax((near * steep).sum(axis=1) / (near.sum(axis=1) + 1e-300))])


def _lines(mean: Float[np.ndarray, " place"], level: float) -> tuple[np.ndarray, ...]:
    from contourpy import contour_generator

    along = np.linspace(0.0, 1.0, STEPS + 1)
    # contourpy has x along columns.
    values = mean.reshape(STEPS + 1, STEPS + 1).T
    found = contour_generator(along, along, values, name="serial").lines(level)
    return tuple(line for line in map(np.asarray, found) if len(line) > 1)


def _band(surface: Surface, lines: tuple[np.ndarray, ...]) -> float:
    """c such that |Z| ≤ c all along the lines with probability `CONFIDENCE`, Z the standardised
    posterior there, noise of few seeds told by Student's t."""
    from scipy import stats

    samples, tail = surface.samples, (1 - CONFIDENCE) / 2
    # What seeds do everywhere alike is known from as many numbers as there are seeds.
    freedom = 1 / (
        surface.share / max(samples.seeds - 1, 1) + (1 - surface.share) / max(samples.freedom, 1)
    )
    inflated = stats.t.isf(tail, max(freedom, 2.0)) / stats.norm.isf(tail)
    if not lines:
        return float(stats.norm.isf(tail) * inflated)
    places = np.concatenate(lines)
    places = places[:: -(-len(places) // 80)]
    covariance = surface.covariance(places, places)
    spread = np.sqrt(np.maximum(np.diag(covariance), 1e-300))
    values, vectors = np.linalg.eigh(covariance / np.outer(spread, spread))
    draws = np.random.default_rng(0).standard_normal((len(values), _DRAWS))
    paths = vectors @ (np.sqrt(np.maximum(values, 0.0))[:, None] * draws)
    return float(np.quantile(np.abs(paths).max(axis=0), CONFIDENCE) * inflated)
