"""Activations written out with their derivative, for hand-written backward passes.

Each takes z and replaces it by φ′(z), and fills `out` with φ(z); arrays of numpy or torch alike,
number by number, so that a network's numbers do not depend on its neighbours. They stand beside
the kernels, which know the leaky ReLU alone; those of the library are as fast.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from array_api_compat import array_namespace, is_torch_array


def tanh(z: Any, out: Any) -> None:
    """φ = tanh z, φ′ = 1 − φ²."""
    xp = array_namespace(z)
    xp.tanh(z, out=out)
    xp.multiply(out, out, out=z)
    z *= -1
    z += 1


def gelu(z: Any, out: Any) -> None:
    """φ = z Φ(z), φ′ = Φ(z) + z exp(−z²/2)/√(2π), Φ the normal distribution function."""
    xp = array_namespace(z)
    below = _erf(z)(z * math.sqrt(0.5))
    below += 1
    below *= 0.5
    density = xp.exp(z * z * -0.5)
    density *= 1 / math.sqrt(2 * math.pi)
    xp.multiply(z, below, out=out)
    z *= density
    z += below


def _erf(z: Any) -> Callable[[Any], Any]:
    if is_torch_array(z):
        import torch

        return torch.special.erf
    # Not at the top: it takes a tenth of a second, which no other activation needs.
    from scipy.special import erf

    return erf


def quadratic(z: Any, out: Any) -> None:
    """φ = z², φ′ = 2 z."""
    array_namespace(z).multiply(z, z, out=out)
    z *= 2
