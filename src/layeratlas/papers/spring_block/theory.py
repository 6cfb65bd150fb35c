"""Exact states of the spring–block chain (spring–block specification, §3.4)."""

from __future__ import annotations

import numpy as np


def noise_free_state(length: int, friction: float, stiffness: float = 1.0, target: float = 1.0):
    """Final x_0 … x_{L+1} of the overdamped chain pulled from rest without noise, `(L + 2,)`.

    Only μ ≡ μ→ matters. With n the smallest integer ≤ L + 1 such that B = y/n − μ n/(2k) obeys
    B ≤ μ/(2k) (waived for n = L + 1), the first m = L + 1 − n blocks never move and

        x_l = (μ/2k)(l − m)² + B (l − m),   l ≥ m.

    y − x is concave for μ > 0 and straight for μ = 0.
    """
    a = friction / stiffness
    for n in range(1, length + 2):
        slope = target / n - a * n / 2
        if slope <= a / 2 or n == length + 1:
            break
    moved = np.maximum(np.arange(length + 2) - (length + 1 - n), 0.0)
    return a / 2 * moved**2 + slope * moved


def stationary_state(
    length: int,
    friction_right: float,
    friction_left: float,
    stiffness: float = 1.0,
    target: float = 1.0,
):
    """Mean x_0 … x_{L+1} of the shaken chain once stationary, `(L + 2,)`.

    Zero mean velocity asks for the mean force F* = (μ→ − μ←)/2 on every block, whatever the
    noise: x_l = (a/2) l² + B l, a = F*/k, B = y/(L+1) − a (L+1)/2. y − x is convex iff μ← > μ→.
    """
    a = (friction_right - friction_left) / (2 * stiffness)
    layer = np.arange(length + 2)
    return a / 2 * layer**2 + (target / (length + 1) - a * (length + 1) / 2) * layer
