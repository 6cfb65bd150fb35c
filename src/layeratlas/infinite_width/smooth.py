"""Smooth activations: the map of correlations as a power series, at the edge of chaos or off it.

Weights N(0, σ_w²/fan_in), biases N(0, σ_b²); q is the variance of a pre-activation, q⁺ that of the
next layer's, the same at the fixed point. With the Hermite coefficients φ_k of φ(√q Z) and φ′_k of
φ′(√q Z),

    1 − f(1 − g) = (σ_w²/q⁺) Σ_k φ_k² (1 − c^k) ,   f′(c)/f′(1) = Σ φ′_k² c^k / Σ φ′_k² ,
    f″(1) = σ_w² q E[φ″²] = σ_w² Σ k φ′_k² .

Specification §3.2 and §3.3, derived here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from layeratlas.infinite_width.edge import fixed_variance, next_variance
from layeratlas.infinite_width.hermite import coefficients, written

__all__ = ["Smooth", "settling", "smooth"]


@dataclass(frozen=True, eq=False)
class Smooth:
    """The map of one layer, whose pre-activations have `variance` q.

    `kept` are σ_w² φ_k²/q⁺ and `passed` σ_w² φ′_k², (degree,); `shared` is σ_b²/q.
    """

    kept: Float[np.ndarray, " degree"]
    passed: Float[np.ndarray, " degree"]
    shared: float
    variance: float

    @property
    def gain(self) -> float:
        """χ = f′(1) = σ_w² E[φ′²]: 1 at the edge of chaos, less in order, more in chaos."""
        return float(self.passed.sum())

    @property
    def curvature(self) -> float:
        """f″(1), of which the loss 1 − c_l ~ 2/(f″(1) l) at the edge of chaos is made."""
        return float(self.passed @ np.arange(self.passed.size))

    def forward(self, loss: Float[np.ndarray, " *pair"]) -> Float[np.ndarray, " *pair"]:
        """g Σ_j c^j Σ_{k>j} σ_w² φ_k²/q⁺, which is the sum over 1 − c^k with all its digits."""
        # 1 − c^k = (1 − c)(1 + c + … + c^{k−1}).
        above = np.cumsum(self.kept[:0:-1])[::-1]
        return loss * _series(above, 1 - np.asarray(loss))

    def backward(self, loss: Float[np.ndarray, " *pair"]) -> Float[np.ndarray, " *pair"]:
        """Σ φ′_k² c^k / Σ φ′_k²."""
        return _series(self.passed / self.passed.sum(), 1 - np.asarray(loss))


def smooth(activation: str, weight_std: float, bias_std: float) -> Smooth:
    """The map at the fixed point of q, which layers settle at.

    LayerAtlasError for an activation without a derivative written out, or where q does not settle
    at a number above 0.
    """
    variance = fixed_variance(activation, weight_std, bias_std)
    return _of(activation, weight_std, bias_std, variance, variance)


def settling(
    activation: str, weight_std: float, bias_std: float, mean_square: float, layers: int
) -> list[Smooth]:
    """The maps of `layers` layers after inputs of that mean square, while q_l settles:

        q_1 = σ_b² + σ_w² |x|²/d ,   q_{l+1} = σ_b² + σ_w² E[φ(√q_l Z)²] .

    All inputs are taken to be of one norm.
    """
    variance = bias_std**2 + weight_std**2 * mean_square
    found = []
    for _ in range(layers):
        after = next_variance(activation, weight_std, bias_std, variance)
        found.append(_of(activation, weight_std, bias_std, variance, after))
        variance = after
    return found


def _of(
    activation: str, weight_std: float, bias_std: float, variance: float, after: float
) -> Smooth:
    function = written(activation)
    return Smooth(
        kept=weight_std**2 * coefficients(function.value, variance) ** 2 / after,
        passed=weight_std**2 * coefficients(function.slope, variance) ** 2,
        shared=bias_std**2 / variance,
        variance=variance,
    )


def _series(coefficient: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Σ_k coefficient_k c^k, of any shape of c."""
    return c[..., None] ** np.arange(coefficient.size) @ coefficient
