"""The alignment reversing data set, low rank (alignment paper, §2.3 of its specification).

A part γ of the samples (`balance`) has target 1, the rest 0:

    target 1:  x ~ N(0, diag(1 … 1, ε₁ … ε₁)), one half of the entries each
    target 0:  the last q = max(1, ⌊d/256⌋) entries N(0, τ d/q), the others zero

⌊γ n⌋ samples have target 1; they come first. The variant whose second part is chosen by the
network's initial weights is not offered: data of a recipe depend on no network.
"""

from __future__ import annotations

import math

import numpy as np

from layeratlas.datasets.generators.draw import Draw


def draw(draw: Draw) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (sample, dimension) and targets (sample,), float64."""
    d, n = draw.settings["dimension"], draw.n
    # A γ n that is whole but for rounding is that number.
    ones = math.floor(draw.settings["balance"] * n * (1 + 1e-12))
    q = max(1, d // 256)
    x = draw.rng.standard_normal((n, d))
    x[:ones, d // 2 :] *= math.sqrt(draw.settings["epsilon"])
    x[ones:, : d - q] = 0.0
    x[ones:, d - q :] *= math.sqrt(draw.settings["tau"] * d / q)
    return x, (np.arange(n) < ones).astype(float)
