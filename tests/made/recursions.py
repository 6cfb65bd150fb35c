"""The recursion of infinite width in its plainest words, of ReLU at the edge of chaos."""

from __future__ import annotations

import math

import numpy as np


def plain_relu(cosine: float, layers: int) -> tuple[np.ndarray, np.ndarray]:
    """fc and bc of one pair, `(layer,)` each, as the formulas are written."""
    c, b = [cosine], [1.0]
    for _ in range(layers - 1):
        angle = math.acos(c[-1])
        c.append((math.sin(angle) + (math.pi - angle) * math.cos(angle)) / math.pi)
    for k in range(layers - 2, -1, -1):
        b.insert(0, b[0] * (1 - math.acos(c[k]) / math.pi))
    return np.array(c), np.array(b)
