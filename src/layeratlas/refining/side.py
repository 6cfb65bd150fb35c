"""An axis of the plane in which a boundary is looked for, as the unit interval.

In plain Python, for planning, which loads no arrays, deals seeds to places of the first generation.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Side", "sides_of"]


@dataclass(frozen=True)
class Side:
    """An axis of the plane, from `low` to `high`; `log` spaced, or of `whole` numbers."""

    name: str
    low: float
    high: float
    log: bool = False
    whole: bool = False

    def place(self, value: float) -> float:
        """A value as a place in [0, 1]."""
        low, high, at = map(self._spaced, (self.low, self.high, value))
        return (at - low) / (high - low)

    def unrounded(self, place: float) -> float:
        """A place as it lies between the ends."""
        low, high = map(self._spaced, (self.low, self.high))
        found = low + place * (high - low)
        return math.exp(found) if self.log else found

    def value(self, place: float) -> float:
        """A place as a value, rounded to six digits, a whole one to a whole number."""
        digits = float(f"{self.unrounded(place):.6g}")
        rounded = round(digits) if self.whole else digits
        return float(min(max(rounded, self.low), self.high))

    def _spaced(self, value: float) -> float:
        return math.log(value) if self.log else float(value)


def sides_of(
    axes: Sequence[str], log: Collection[str], plane: Mapping[str, Sequence[float]]
) -> tuple[Side, Side]:
    """Both sides of a plane: axis → its least and its largest value."""

    def side(axis: str) -> Side:
        low, high = plane[axis]
        whole = isinstance(low, int) and isinstance(high, int)
        return Side(axis, low, high, axis in log, whole)

    across, up = axes
    return side(across), side(up)
