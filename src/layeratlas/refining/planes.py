"""The plane that an experiment, or the cube of one, speaks of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from layeratlas.refining.plane import Plane, Side

__all__ = ["plane_of"]


def plane_of(refine: Mapping[str, Any], plane: Mapping[str, Sequence[Any]]) -> Plane:
    """Of what is said of `refine` and its `plane`: axis → its least and its largest value."""
    sides = []
    for axis in refine["axes"]:
        low, high = plane[axis]
        whole = isinstance(low, int) and isinstance(high, int)
        sides.append(Side(axis, low, high, axis in refine["log"], whole))
    return Plane(*sides)
