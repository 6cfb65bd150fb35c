"""The shape of a profile A_1 … A_L over layers, and whether it rises and then falls.

All of it was chosen here (specification §2.5), for the sources define no such test. A rise-then-
fall fit has L free levels, so smooth noise passes it: its R² is told and never judged. A profile
shows *ascent-descent* where

1. the peak of the seeds' mean is strictly inside and `prominence` ≥ 1.05,
2. chosen without the seed at hand, the peak layer stands above both ends in every seed, and by 5 %
   in the mean (`prominence_loo`),

and is *single-peaked* where, besides, at most 5 % of smooth noise profiles have so large an R²
(`unimodal_p`). Fewer than three seeds decide nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

import numpy as np
import xarray as xr

__all__ = [
    "LEAST_SEEDS",
    "NULL_PROFILES",
    "PROMINENCE",
    "UNIMODAL_P",
    "Shape",
    "centroid",
    "correlation_length",
    "shape_of",
    "smooth_noise",
    "unimodal_r2",
]

PROMINENCE, UNIMODAL_P, LEAST_SEEDS = 1.05, 0.05, 3
NULL_PROFILES = 500
#: What the lag-1 autocorrelation of deviations is clipped to.
_CLIP = (0.05, 0.98)

Presence = Literal["present", "not present", "undecided"]


@dataclass(frozen=True)
class Shape:
    """What §2.5 of the specification says of profiles (seed, layer); layers count from 1.

    `peak`, `prominence`, `unimodal_r2`, `ascent`, `descent` and `centroid` are of the mean over
    seeds; `peaks`, `centroids`, `ascents` and `descents` of every seed, `prominence_loo` with the
    peak of the others. NaN where there is nothing to tell of.
    """

    layers: int
    seeds: int
    peak: float
    peaks: np.ndarray
    prominence: float
    prominence_loo: np.ndarray
    unimodal_r2: float
    correlation_length: float
    ascent: float
    descent: float
    centroid: float
    ascents: np.ndarray
    descents: np.ndarray
    centroids: np.ndarray
    height: float
    null_profiles: int = NULL_PROFILES

    @cached_property
    def unimodal_p(self) -> float:
        """Share of noise profiles, smooth as the seeds' deviations, whose R² is at least as large.

        NaN of seeds that do not differ, or of one.
        """
        if not (math.isfinite(self.correlation_length) and math.isfinite(self.unimodal_r2)):
            return math.nan
        null = _null(self.null_profiles, self.layers, self.correlation_length)
        return float((null >= self.unimodal_r2).mean())

    @property
    def interior(self) -> bool:
        """Whether the peak of the mean is at a hidden layer, prominent enough (rule 1)."""
        return 1 < self.peak < self.layers and self.prominence >= PROMINENCE

    @property
    def confirmed(self) -> bool:
        """Whether every seed confirms the peak of the others (rule 2)."""
        u = self.prominence_loo
        known = u.size > 0 and bool(np.isfinite(u).all())
        return known and u.min() > 1 and u.mean() >= PROMINENCE

    @property
    def presence(self) -> Presence:
        """Whether the profile rises and falls; with fewer than three seeds "undecided"."""
        if self.seeds < LEAST_SEEDS:
            return "undecided"
        return "present" if self.interior and self.confirmed else "not present"

    @property
    def single_peaked(self) -> bool:
        """Whether ascent-descent is present and smooth noise is seldom so unimodal (rule 3)."""
        return self.presence == "present" and self.unimodal_p <= UNIMODAL_P

    @property
    def told(self) -> str:
        """The numbers behind the verdict, in words."""
        u, p = self.prominence_loo, self.unimodal_p
        loo = f"u {u.mean():.2f}, least {u.min():.2f}" if u.size > 1 else "no other seed"
        return (
            f"peak {self.peak:g} of {self.layers}, prominence {self.prominence:.2f} ({loo}; "
            f"{self.seeds} seeds), R² {self.unimodal_r2:.3f}, "
            f"p {'unknown' if math.isnan(p) else f'{p:.3f}'}"
        )


def shape_of(profiles: np.ndarray | xr.DataArray, null_profiles: int = NULL_PROFILES) -> Shape:
    """The shape of profiles (seed, layer), in this order of axes or with these names.

    Seeds with a missing number in a layer that another seed has are left out, and so are layers
    that no seed has: those beyond the network's depth.
    """
    if isinstance(profiles, xr.DataArray):
        profiles = profiles.transpose("seed", "layer").values
    values = np.asarray(profiles, np.float64)
    values = values[:, np.isfinite(values).any(0)]
    values = values[np.isfinite(values).all(1)]
    seeds, layers = values.shape
    if not values.size:
        none = np.full(0, np.nan)
        return Shape(0, 0, *(math.nan, none, math.nan, none), *(math.nan,) * 5, *(none,) * 3,
                     math.nan)  # fmt: skip
    mean = values.mean(0)
    ascents, descents = (values.max(1) / values[:, end] for end in (0, -1))
    return Shape(
        layers=layers,
        seeds=seeds,
        peak=float(mean.argmax() + 1),
        peaks=values.argmax(1) + 1.0,
        prominence=_prominence(mean, int(mean.argmax())),
        prominence_loo=_leave_one_out(values),
        unimodal_r2=unimodal_r2(mean),
        correlation_length=correlation_length(values),
        ascent=float(mean.max() / mean[0]),
        descent=float(mean.max() / mean[-1]),
        centroid=centroid(mean),
        ascents=ascents,
        descents=descents,
        centroids=np.array([centroid(one) for one in values]),
        height=float(mean.max()),
        null_profiles=null_profiles,
    )


def centroid(profile: np.ndarray) -> float:
    """Σ l (A_l − min A) / Σ (A_l − min A), l from 1: of flat tops less noisy than the peak.

    NaN of a constant profile.
    """
    above = profile - profile.min()
    total = above.sum()
    return float((above * np.arange(1, profile.size + 1)).sum() / total) if total > 0 else math.nan


def _prominence(profile: np.ndarray, at: int) -> float:
    """The profile at a place over the higher of its ends."""
    return float(profile[at] / max(profile[0], profile[-1]))


def _leave_one_out(values: np.ndarray) -> np.ndarray:
    """u_s of every seed s: its prominence where the mean of the others has its peak."""
    if len(values) < 2:
        return np.full(len(values), np.nan)
    others = values.sum(0) - values
    pairs = zip(values, others, strict=True)
    return np.array([_prominence(own, int(rest.argmax())) for own, rest in pairs])


def unimodal_r2(profile: np.ndarray) -> float:
    """R² = 1 − SSE/SST of the best least-squares fit that rises up to a layer and falls after it.

    Isotonic up to k, antitonic after, the best k: the squared errors of all beginnings and of all
    ends come from one pass of pool-adjacent-violators each. NaN of a constant profile.
    """
    values = np.asarray(profile, np.float64)
    total = float(((values - values.mean()) ** 2).sum())
    if total == 0:
        return math.nan
    rising = _isotonic_errors(values)
    falling = _isotonic_errors(values[::-1])[::-1]
    return 1.0 - float((rising + falling).min()) / total


def _isotonic_errors(values: np.ndarray) -> np.ndarray:
    """(L + 1,) squared errors of the non-decreasing fit to the first 0 … L values."""
    # Of every block: sum, count, its own squared error, and that of all blocks up to it.
    blocks: list[tuple[float, float, float, float]] = []
    errors = [0.0]
    for value in values.tolist():
        total, count, error = value, 1.0, 0.0
        while blocks and blocks[-1][0] * count >= total * blocks[-1][1]:
            other, size, own, _ = blocks.pop()
            apart = total / count - other / size
            error += own + apart * apart * count * size / (count + size)
            total, count = total + other, count + size
        before = blocks[-1][3] if blocks else 0.0
        blocks.append((total, count, error, before + error))
        errors.append(blocks[-1][3])
    return np.array(errors)


def correlation_length(values: np.ndarray) -> float:
    """ℓ = (−2 ln ρ₁)^(−1/2) layers, of the seeds' deviations from their mean, (seed, layer).

    ρ₁ is their autocorrelation at lag 1, pooled over seeds and clipped to [0.05, 0.98]. NaN where
    they do not differ.
    """
    apart = values - values.mean(0)
    before, after = apart[:, :-1], apart[:, 1:]
    scale = math.sqrt(float((before**2).sum()) * float((after**2).sum()))
    if scale == 0:
        return math.nan
    rho = float(np.clip((before * after).sum() / scale, *_CLIP))
    return (-2 * math.log(rho)) ** -0.5


def smooth_noise(count: int, layers: int, length: float, seed: int = 0) -> np.ndarray:
    """(count, layers) Gaussian noise of covariance exp(−(l − l′)²/(2 ℓ²))."""
    place = np.arange(layers)
    covariance = np.exp(-((place[:, None] - place) ** 2) / (2 * length**2))
    # Its smallest eigenvalues are below round-off, so a Cholesky factor does not exist.
    scales, directions = np.linalg.eigh(covariance)
    draws = np.random.Generator(np.random.Philox(seed)).standard_normal((count, layers))
    return (draws * np.sqrt(scales.clip(0))) @ directions.T


@lru_cache(maxsize=256)
def _null(count: int, layers: int, length: float) -> np.ndarray:
    return np.array([unimodal_r2(one) for one in smooth_noise(count, layers, length)])
