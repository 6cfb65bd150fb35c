"""Largest stable steps of the explicit integrators."""

from __future__ import annotations

import math


def largest_mode(length: int) -> float:
    """λ_max of the chain's second-difference matrix: 2 − 2 cos(π L/(L+1))."""
    return 2.0 - 2.0 * math.cos(math.pi * length / (length + 1))


def first_order_limit(length: int, stiffness: float) -> float:
    """x' = −k λ x is stable under explicit Euler for η < 2/(k λ_max)."""
    return 2.0 / (stiffness * largest_mode(length))


def second_order_limit(length: int, stiffness: float, mass: float, damping: float) -> float:
    """Largest dt with |1 + dt s| < 1 for both roots s of m s² + γ s + k λ = 0, every mode λ.

    Complex roots: dt < γ/(k λ); real roots: dt < 2/|s|.
    """
    limit = math.inf
    for j in range(1, length + 1):
        spring = stiffness * (2.0 - 2.0 * math.cos(math.pi * j / (length + 1)))
        root = damping**2 - 4.0 * mass * spring
        if root < 0:
            limit = min(limit, damping / spring)
        else:
            limit = min(limit, 4.0 * mass / (damping + math.sqrt(root)))
    return limit
