"""A disc in a square: the toy task of Baratin et al. (signal propagation paper, §9).

x is uniform on [−1, 1]²; class 1 is inside the disc of radius √(2/π), which is half of the square.
Test samples may stand on a grid over the square instead, where a function of x can be drawn.
"""

from __future__ import annotations

import math

import numpy as np

from layeratlas.datasets.generators.draw import Draw

__all__ = ["draw", "grid", "inside"]


def draw(draw: Draw) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (sample, 2), float64, and classes (sample,)."""
    # A later setting is not there where it is at its default.
    on_grid = draw.part == "test" and draw.settings.get("test_grid", False)
    x = grid(math.isqrt(draw.n)) if on_grid else draw.rng.uniform(-1.0, 1.0, size=(draw.n, 2))
    return x, inside(x).astype(np.int64)


def inside(x: np.ndarray) -> np.ndarray:
    """Whether points (…, 2) are inside the disc."""
    return np.square(x).sum(axis=-1) < 2 / math.pi


def grid(side: int) -> np.ndarray:
    """(side², 2) centres of the cells of the square, x₂ by x₂ and along x₁ in each, ascending."""
    centres = (2 * np.arange(side) + 1) / side - 1
    second, first = np.meshgrid(centres, centres, indexing="ij")
    return np.stack([first.ravel(), second.ravel()], axis=1)
