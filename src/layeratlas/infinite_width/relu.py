"""ReLU and leaky ReLU: the map of correlations in closed form, stable as c tends to 1.

With θ = arccos c, negative slope a, b = (1 − a)²/(1 + a²), and without biases,

    f(c) = c + b (sin θ − θ cos θ)/π ,   f′(c) = 1 − b θ/π ;

a = 0 is Cho and Saul's arc-cosine kernel of degree one (NeurIPS 2009). Being homogeneous these
networks have the same map whatever σ_w: norms alone explode or vanish. Biases of variance σ_b² need
a gain χ = σ_w² (1 + a²)/2 below 1, for q = σ_b²/(1 − χ) to be a fixed point; then

    f(c) = 1 − χ + χ (c + b (sin θ − θ cos θ)/π) ,   f′(c)/f′(1) as before.

For small g = 1 − c,  f(1 − g) = 1 − g + s g^{3/2} + O(g^{5/2}),  s = 2√2 b/(3π).
Derived here (specification §3.1) from standard mean-field theory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

__all__ = ["Rectifier", "edge_weight_std"]

#: Angles below which sin θ − θ cos θ is its series: it loses 3 digits for each tenth of θ.
_SMALL = 0.01


@dataclass(frozen=True)
class Rectifier:
    """max(z, 0) + a min(z, 0), `negative_slope` a in (−1, 1]; `gain` χ = 1 without biases.

    ValueError outside, and for a gain that is not in (0, 1].
    """

    negative_slope: float = 0.0
    gain: float = 1.0

    def __post_init__(self) -> None:
        if not -1 < self.negative_slope <= 1:
            raise ValueError(f"negative_slope must be in (-1, 1], not {self.negative_slope}")
        if not 0 < self.gain <= 1:
            raise ValueError(f"with biases the gain must be in (0, 1], not {self.gain}")

    @property
    def bend(self) -> float:
        """b = (1 − a)²/(1 + a²): 1 for ReLU, 0 for a linear network."""
        return (1 - self.negative_slope) ** 2 / (1 + self.negative_slope**2)

    @property
    def shared(self) -> float:
        """σ_b²/q = 1 − χ."""
        return 1 - self.gain

    def forward(self, loss: Float[np.ndarray, " *pair"]) -> Float[np.ndarray, " *pair"]:
        """χ (g − b (sin θ − θ cos θ)/π)."""
        return self.gain * (loss - self.bend * _lost(_angle(loss)) / math.pi)

    def backward(self, loss: Float[np.ndarray, " *pair"]) -> Float[np.ndarray, " *pair"]:
        """1 − b θ/π."""
        return 1 - self.bend * _angle(loss) / math.pi


def edge_weight_std(negative_slope: float = 0.0) -> float:
    """σ_w at which norms keep, √(2/(1 + a²)), σ_b = 0: the edge of chaos, one point for each a."""
    return math.sqrt(2 / (1 + negative_slope**2))


def _angle(loss: np.ndarray) -> np.ndarray:
    """θ = arccos(1 − g), by the half angle, which keeps the digits of small g."""
    return 2 * np.arcsin(np.sqrt(loss / 2))


def _lost(angle: np.ndarray) -> np.ndarray:
    """sin θ − θ cos θ = θ³/3 − θ⁵/30 + …"""
    square = angle * angle
    series = angle * square * (1 / 3 - square / 30)
    return np.where(angle < _SMALL, series, np.sin(angle) - angle * np.cos(angle))
