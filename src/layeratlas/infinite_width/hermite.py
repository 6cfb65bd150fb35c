"""Means over Gaussian numbers: quadrature, and a function's coefficients in Hermite polynomials.

With h_k the Hermite polynomials that are orthonormal under N(0, 1), and ψ_k = E[ψ(Z) h_k(Z)],
Mehler's formula makes a mean over two correlated numbers a power series,

    E[ψ(U) ψ(V)] = Σ_k ψ_k² c^k ,   corr(U, V) = c ,

so that what correlation loses, Σ ψ_k² (1 − c^k), has all its digits for c near 1, and derivatives
with respect to c are sums too: E[ψ′(Z)²] = Σ k ψ_k². Coefficients are by Gauss–Hermite quadrature.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from numpy.polynomial.hermite_e import hermegauss

from layeratlas.errors import LayerAtlasError
from layeratlas.networks.activations.registry import ACTIVATIONS
from layeratlas.tables import resolve
from layeratlas.words import listed, quoted

__all__ = ["NODES", "Written", "coefficients", "gaussian", "mean_square", "written"]

#: Nodes of the quadrature, and as many coefficients.
NODES = 160
#: What the last coefficients may still hold, of the whole: more, and the series has not ended.
_TAIL = 1e-6
#: How many are the last.
_LAST = 8

Function = Callable[[np.ndarray], np.ndarray]


class Written:
    """An activation and its derivative, `value` and `slope`, functions of arrays."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._both = resolve(str(ACTIVATIONS[name].written))

    def value(self, z: np.ndarray) -> np.ndarray:
        """φ(z)."""
        return self._of(z)[0]

    def slope(self, z: np.ndarray) -> np.ndarray:
        """φ′(z)."""
        return self._of(z)[1]

    def _of(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        slope = np.array(z, float)
        value = np.empty_like(slope)
        self._both(slope, out=value)
        return value, slope


def written(name: str) -> Written:
    """The activation of that name, if it is written out with its derivative; LayerAtlasError."""
    if name not in ACTIVATIONS or not ACTIVATIONS[name].written:
        known = [entry.name for entry in ACTIVATIONS.values() if entry.written]
        raise LayerAtlasError(
            f"activation {quoted(name)}: no recursion of correlations is known of it; those of "
            f"relu and leaky_relu are in closed form, and {listed(known)} are written out with "
            "their derivative, as yours may be (`written` of its entry)"
        )
    return Written(name)


def gaussian(z: Function, variance: float) -> float:
    """E[ψ(√q Z)], Z ~ N(0, 1)."""
    nodes, weights = _quadrature()
    return float(weights @ z(np.sqrt(variance) * nodes))


def mean_square(function: Function, variance: float) -> float:
    """E[ψ(√q Z)²]."""
    return gaussian(lambda z: function(z) ** 2, variance)


def coefficients(function: Function, variance: float) -> Float[np.ndarray, " degree"]:
    """E[ψ(√q Z) h_k(Z)] for k = 0 … `NODES` − 1.

    LayerAtlasError where the series has not ended by then: ψ jumps, as derivatives do of
    what has a kink, or q is too large.
    """
    nodes, weights = _quadrature()
    found = _polynomials() @ (np.sqrt(weights) * function(np.sqrt(variance) * nodes))
    squares = found**2
    if not squares[-_LAST:].sum() <= _TAIL * squares.sum():
        raise LayerAtlasError(
            f"an activation that is not smooth at the scale of its inputs (variance {variance:.3g})"
            f" has no recursion by {NODES} Hermite coefficients: use relu or leaky_relu, whose "
            "recursion is in closed form, or smaller weights"
        )
    return found


@functools.cache
def _quadrature() -> tuple[np.ndarray, np.ndarray]:
    nodes, weights = hermegauss(NODES)
    return nodes, weights / weights.sum()


@functools.cache
def _polynomials() -> Float[np.ndarray, "degree node"]:
    """h_k at the nodes times the square roots of the weights, which keeps them of order one."""
    nodes, weights = _quadrature()
    rows = [np.sqrt(weights), nodes * np.sqrt(weights)]
    for k in range(1, NODES - 1):
        rows.append((nodes * rows[k] - np.sqrt(k) * rows[k - 1]) / np.sqrt(k + 1))
    return np.array(rows)
