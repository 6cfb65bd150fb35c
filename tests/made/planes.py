"""Made-up quantities over a plane: what a seed does everywhere, and noise of every run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from layeratlas.refining.noise import Samples
from layeratlas.refining.plane import Plane, square
from layeratlas.refining.side import Side

PLANE = Plane(Side("x", 0.0, 2.0), Side("y", 1.0, 100.0, log=True))


def wave(places: np.ndarray) -> np.ndarray:
    """Above 0 over the line y = 0.5 + 0.2 sin 2πx of the unit square."""
    x, y = places.T
    return y - 0.5 - 0.2 * np.sin(2 * np.pi * x)


def line(count: int = 101) -> np.ndarray:
    """Places of the line on which `wave` is 0."""
    x = np.linspace(0, 1, count)
    return np.stack([x, 0.5 + 0.2 * np.sin(2 * np.pi * x)], axis=1)


@dataclass(frozen=True)
class Runs:
    """Runs of a quantity: `common` and `alone` are standard deviations of what a seed does at all
    points alike, and of what it does at one; `draw` tells series of seeds apart."""

    quantity: object = wave
    common: float = 0.02
    alone: float = 0.02
    draw: int = 0

    def values(self, places: np.ndarray, seeds: Sequence[Sequence[int]], most: int) -> np.ndarray:
        """(point, seed) of places with these seeds, NaN for others; every run is as it would be
        in any order."""
        mean = self.quantity(places)
        found = np.full((len(places), most), np.nan)
        for i, own in enumerate(seeds):
            for seed in own:
                alike = np.random.default_rng([self.draw, 1, seed]).normal()
                place = [round(1e6 * float(part)) for part in places[i]]
                other = np.random.default_rng([self.draw, 2, seed, *place]).normal()
                found[i, seed] = mean[i] + self.common * alike + self.alone * other
        return found


def samples(runs: Runs, steps: int = 5, each: int = 2, most: int = 10) -> Samples:
    """Of an even grid of so many steps, dealt `each` of `most` seeds a point in turn."""
    places = square(steps)
    seeds = [[(3 * i + k * (1 + i % 4)) % most for k in range(each)] for i in range(len(places))]
    return Samples.of(places, runs.values(places, seeds, most))
