"""A mixture of Gaussian clouds of equal spread, one a class.

    x = c_y + ε,    ε ~ N(0, 1_d),    c_k ~ N(0, s²/d 1_d)

s is `separation`. Classes are equally likely; training and test part share the centres.
"""

from __future__ import annotations

import math

import numpy as np

from layeratlas.datasets.generators.draw import Draw


def draw(draw: Draw) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (sample, dimension), float64, and classes (sample,)."""
    d, k = draw.settings["dimension"], draw.settings["classes"]
    centres = draw.shared.standard_normal((k, d)) * (draw.settings["separation"] / math.sqrt(d))
    # One stream an array: a sample stays what it is when more are drawn.
    of_classes, of_inputs = draw.rng.spawn(2)
    y = of_classes.integers(k, size=draw.n)
    return centres[y] + of_inputs.standard_normal((draw.n, d)), y
