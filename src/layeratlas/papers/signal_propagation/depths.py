"""The experiments over depth: which there are, and what is read of all their networks together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from layeratlas.papers.given import Cubes
from layeratlas.papers.signal_propagation.networks import Network, networks
from layeratlas.papers.signal_propagation.profiles import MARK, VIEW

__all__ = ["EXPERIMENTS", "Series", "Slope", "far", "series", "slope"]

EXPERIMENTS = ("alignment_fashion_mnist", "alignment_mnist", "alignment_cifar10")


@dataclass(frozen=True)
class Series:
    """Networks of one data set over depth, those whose runs came to the record, shallow first."""

    experiment: str
    task: str
    networks: Sequence[Network]
    absent: Sequence[int]

    @property
    def depths(self) -> np.ndarray:
        """L of every network."""
        return np.array([n.layers for n in self.networks], float)

    def of(self, name: str) -> np.ndarray:
        """A number of the shape of every network, such as its `peak`."""
        return np.array([getattr(n.shape, name) for n in self.networks], float)

    @property
    def runs(self) -> int:
        """Runs that came to the record, of all networks."""
        return sum(n.shape.seeds for n in self.networks)

    @property
    def mean_field(self) -> np.ndarray:
        """l*_mf of every network."""
        return np.array([n.mean_field for n in self.networks], float)


@dataclass(frozen=True)
class Slope:
    """Slope of log y in log x by least squares, with its interval of 95 %; NaN of fewer than 3."""

    value: float
    low: float
    high: float
    points: int


def series(
    cubes: Cubes, *, variable: str = "alignment", view: str = VIEW, record: str = MARK
) -> list[Series]:
    """The series of every experiment over depth that there is a cube of."""
    found = []
    for name in EXPERIMENTS:
        if name not in cubes:
            continue
        every = networks(
            cubes[name],
            name,
            variable=variable,
            view=view,
            record=record,
            equilibria=variable == "alignment",
        )
        known = [n for n in every if n.shape.seeds]
        absent = [n.layers for n in every if not n.shape.seeds]
        found.append(Series(name, every[0].task, known, absent))
    return found


def slope(x: np.ndarray, y: np.ndarray) -> Slope:
    """The fitted exponent of y in x, each point its own; Student's interval of the slope."""
    from scipy import stats

    known = np.isfinite(x) & np.isfinite(y) & (x > 0) & (y > 0)
    x, y = np.log(x[known]), np.log(y[known])
    if len(x) < 3 or np.ptp(x) == 0:
        return Slope(np.nan, np.nan, np.nan, len(x))
    fit = stats.linregress(x, y)
    half = float(stats.t.ppf(0.975, len(x) - 2)) * float(fit.stderr)
    return Slope(float(fit.slope), float(fit.slope) - half, float(fit.slope) + half, len(x))


def far(found: np.ndarray, wanted: np.ndarray, depths: np.ndarray, share: float) -> np.ndarray:
    """|found − wanted| over what is allowed at each depth, max(2, share · L): at most 1 is near."""
    return np.abs(found - wanted) / np.maximum(2.0, share * depths)
