"""The activations of `layeratlas.networks.activations.registry`, in plain torch."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as nn


def leaky_relu(
    z: Float[Tensor, "sample channels *space"], slope: Float[Tensor, " member"]
) -> Tensor:
    """max(z, 0) + α·min(z, 0) with each member's own α; at 0 the derivative is α."""
    if len(slope) == 1:
        # The derivative of a per-channel slope, which nobody asks for, costs as much again.
        return nn.leaky_relu(z, float(slope))
    alpha = slope.to(z.dtype).repeat_interleave(z.shape[1] // len(slope))
    return nn.prelu(z, alpha)


def tanh(z: Tensor) -> Tensor:
    """tanh z."""
    return torch.tanh(z)


def gelu(z: Tensor) -> Tensor:
    """z Φ(z), Φ the normal distribution function, exact (Hendrycks and Gimpel, 2016)."""
    return nn.gelu(z)


def quadratic(z: Tensor) -> Tensor:
    """z²."""
    return z.square()
