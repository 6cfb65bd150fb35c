"""Test samples on a square grid: how many there may be. Light to import: planning asks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def fits(settings: Mapping[str, Any], n_train: int, n_test: int) -> None:
    """ValueError where test samples on a grid do not fill a square one."""
    side = math.isqrt(n_test)
    if settings.get("test_grid", False) and side**2 != n_test:
        raise ValueError(
            f"n_test: {n_test} test samples make no square grid, which settings.test_grid asks "
            f"for; {side**2} or {(side + 1) ** 2} do"
        )
