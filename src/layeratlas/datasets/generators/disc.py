"""A disc in a square: the toy task of Baratin et al. (load and propagation paper, §9).

x is uniform on [−1, 1]²; class 1 is inside the disc of radius √(2/π), which is half of the square.
"""

from __future__ import annotations

import math

import numpy as np

from layeratlas.datasets.generators.draw import Draw


def draw(draw: Draw) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (sample, 2), float64, and classes (sample,)."""
    x = draw.rng.uniform(-1.0, 1.0, size=(draw.n, 2))
    return x, (np.square(x).sum(axis=1) < 2 / math.pi).astype(np.int64)
