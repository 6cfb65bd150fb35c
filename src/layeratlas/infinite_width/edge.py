"""Variances that layers settle at, and initial laws at the edge of chaos, of smooth activations.

    q = σ_b² + σ_w² E[φ(√q Z)²] ,   χ = σ_w² E[φ′(√q Z)²] :

χ < 1 is order (inputs become alike), χ > 1 chaos (like inputs part), χ = 1 the edge, a curve in
(σ_b, σ_w). Schoenholz, Gilmer, Ganguli and Sohl-Dickstein, ICLR 2017; specification §1.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from layeratlas.errors import LayerAtlasError
from layeratlas.infinite_width.hermite import mean_square, written

__all__ = ["edge_of_chaos", "fixed_variance", "gain", "next_variance"]

#: Where a variance is looked for: below, the network is linear, above, Gaussian means are not
#: resolved by the quadrature.
_LOWEST, _HIGHEST = 1e-6, 1e4
_STEPS = 2000
#: Up to which variance an edge is looked for, in how many cells, and what is near a variance.
_LARGEST, _CELLS, _NEAR = 10.0, 300, 1e-4


def next_variance(activation: str, weight_std: float, bias_std: float, variance: float) -> float:
    """q⁺ = σ_b² + σ_w² E[φ(√q Z)²]."""
    return bias_std**2 + weight_std**2 * mean_square(written(activation).value, variance)


def gain(activation: str, weight_std: float, variance: float) -> float:
    """χ = σ_w² E[φ′(√q Z)²]."""
    return weight_std**2 * mean_square(written(activation).slope, variance)


def fixed_variance(activation: str, weight_std: float, bias_std: float) -> float:
    """The q that layers settle at from q = 1.

    LayerAtlasError where they do not: q goes to 0, where the network is linear and no information
    is lost, or grows without end.
    """
    variance = 1.0
    for _ in range(_STEPS):
        after = next_variance(activation, weight_std, bias_std, variance)
        if abs(after - variance) <= 4e-16 * variance:
            return after
        variance = after
        if not _LOWEST <= variance <= _HIGHEST:
            break
    else:
        # The last digits may go on changing places; a slow drift to 0 is no fixed point.
        if abs(after - variance) <= 1e-12 * variance:
            return after
    raise LayerAtlasError(
        f"{activation} with sigma_w {weight_std:.4g} and sigma_b {bias_std:.4g}: the variance of "
        f"pre-activations does not settle (it comes to {variance:.2g}), so their correlations have "
        "no recursion; take a bias above 0, or a sigma_w at which it does"
    )


def edge_of_chaos(activation: str, bias_std: float) -> tuple[float, float]:
    """(σ_w, q) at which χ = 1 for biases of that standard deviation.

    Of all q with σ_b² + E[φ²]/E[φ′²] = q, the smallest that layers settle at: where q⁺ rises less
    than q does. LayerAtlasError where there is none.
    """
    function = written(activation)

    def excess(log: float) -> float:
        """σ_b² + σ_w² E[φ²] − q at the σ_w that has χ = 1, over q."""
        q = math.exp(log)
        ratio = mean_square(function.value, q) / mean_square(function.slope, q)
        return (bias_std**2 + ratio) / q - 1

    step = math.log(_LARGEST / _LOWEST) / _CELLS
    grid = [math.log(_LOWEST) + k * step for k in range(_CELLS + 1)]
    values = [excess(x) for x in grid]
    for k in range(len(grid) - 1):
        if values[k] > 0 >= values[k + 1] or values[k] < 0 <= values[k + 1]:
            q = math.exp(_bisected(excess, grid[k], grid[k + 1]))
            weight_std = 1 / math.sqrt(mean_square(function.slope, q))
            ends = (q * (1 - _NEAR), q * (1 + _NEAR))
            low, high = (next_variance(activation, weight_std, bias_std, end) for end in ends)
            if high - low < ends[1] - ends[0]:
                return weight_std, q
    raise LayerAtlasError(
        f"{activation} with sigma_b {bias_std:.4g}: no sigma_w is at the edge of chaos, where "
        "sigma_w^2 E[phi'^2] = 1 at the variance that layers settle at; try another sigma_b"
    )


def _bisected(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function changes its sign between two numbers, to the last digit."""
    sign = function(low) > 0
    while True:
        middle = (low + high) / 2
        if middle in (low, high):
            return middle
        if (function(middle) > 0) == sign:
            low = middle
        else:
            high = middle
