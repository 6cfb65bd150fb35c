"""Which seeds a point gets.

What a seed does, it does at all points much alike. So neighbours get other seeds where they can:
then their errors average out over the plane, and no two seeds decide the boundary anywhere. In
plain Python, for planning, which loads no arrays, deals the first generation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

__all__ = ["Dealer"]

#: Places this near should not have the same seeds, in units of the ranges; others count a little.
_REACH, _FAR = 0.2, 1e-3


class Dealer:
    """Deals seeds to places, the least used near by first; knows those that were dealt."""

    def __init__(self, seeds: Sequence[int]) -> None:
        self._seeds = list(seeds)
        self._dealt: list[tuple[float, float, int]] = []

    def note(self, place: Sequence[float], seeds: Iterable[int]) -> None:
        """These seeds were dealt to a place."""
        x, y = place
        self._dealt += [(float(x), float(y), self._seeds.index(seed)) for seed in seeds]

    def deal(self, place: Sequence[float], number: int, has: Sequence[int] = ()) -> tuple[int, ...]:
        """So many seeds more for a place that `has` some; noted."""
        x, y = map(float, place)
        found: list[int] = []
        for _ in range(number):
            used = [0.0] * len(self._seeds)
            for other_x, other_y, seed in self._dealt:
                apart = (other_x - x) ** 2 + (other_y - y) ** 2
                used[seed] += math.exp(-apart / (2 * _REACH**2)) + _FAR
            # Rounded, so that what is equal but for the order of a sum stays equal.
            order = sorted(range(len(used)), key=lambda i: round(used[i], 9))
            free = (self._seeds[i] for i in order)
            seed = next(s for s in free if s not in has and s not in found)
            found.append(seed)
            self.note((x, y), [seed])
        return tuple(found)
