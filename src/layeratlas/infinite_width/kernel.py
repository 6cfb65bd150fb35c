"""The tangent kernel of infinitely wide ReLU networks at their start, layer by layer.

In the NTK parametrisation, without biases, at the edge of chaos, for inputs of norm √d_0,

    Θ(x, x′) = 2 Σ_{l=1}^{L} fc_l bc_l ,   Θ(x, x) = 2 L :

layer l contributes the product of what it still knows forward and backward, so the kernel of the
network needs no theory of its own. Derived here (specification §3.1).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from layeratlas.infinite_width.recursion import correlations
from layeratlas.infinite_width.relu import Rectifier

__all__ = ["tangent_kernel", "tangent_kernel_layers"]


def tangent_kernel_layers(
    cosine: float | Float[np.ndarray, " *pair"], layers: int, negative_slope: float = 0.0
) -> Float[np.ndarray, "*pair layer"]:
    """What each layer contributes, σ_w² (1 + a²)/2 = 1: 2/(1 + a²) fc_l bc_l."""
    found = correlations(Rectifier(negative_slope), cosine, layers)
    return 2 / (1 + negative_slope**2) * found.forward * found.backward


def tangent_kernel(
    cosine: float | Float[np.ndarray, " *pair"], layers: int, negative_slope: float = 0.0
) -> Float[np.ndarray, " *pair"]:
    """Θ of two inputs of that cosine."""
    return tangent_kernel_layers(cosine, layers, negative_slope).sum(-1)
