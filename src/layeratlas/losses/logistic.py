"""Logistic loss: the mean over samples of Σ_o ln(1 + exp(−y_o f_o)).

y is ±1: a class is +1 at its own output and −1 at the others, so that every output tells one class
from the rest; of a single output class 1 is +1 and class 0 is −1. Numbers as targets are taken as
signs.
"""

from __future__ import annotations

from array_api_compat import array_namespace

from layeratlas.backends.base import Array
from layeratlas.losses.base import Loss
from layeratlas.losses.encoding import as_signs


class Logistic(Loss):
    """See `layeratlas.losses.base.Loss`."""

    signs = True

    def value(self, outputs: Array, targets: Array) -> Array:
        margin = as_signs(targets, outputs) * outputs
        return array_namespace(outputs).sum(_softplus(-margin), axis=-1)

    def gradient(self, outputs: Array, targets: Array) -> Array:
        y = as_signs(targets, outputs)
        # 1/(1 + exp(m)) without overflow.
        return -y * array_namespace(outputs).exp(-_softplus(y * outputs))


def _softplus(x: Array) -> Array:
    """ln(1 + exp(x)) without overflow."""
    xp = array_namespace(x)
    return xp.maximum(x, xp.zeros_like(x)) + xp.log1p(xp.exp(-xp.abs(x)))
