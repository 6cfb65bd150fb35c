"""Hinge loss: the mean over samples of Σ_o max(0, 1 − y_o f_o).

y is ±1, as of the logistic loss: a class is +1 at its own output and −1 at the others; of a single
output class 1 is +1 and class 0 is −1. Numbers as targets are taken as signs.
"""

from __future__ import annotations

from array_api_compat import array_namespace

from layeratlas.backends.base import Array
from layeratlas.losses.base import Loss
from layeratlas.losses.encoding import as_signs


class Hinge(Loss):
    """See `layeratlas.losses.base.Loss`."""

    signs = True

    def value(self, outputs: Array, targets: Array) -> Array:
        xp, margin = array_namespace(outputs), as_signs(targets, outputs) * outputs
        # A margin that is no number is not above 1, and shows.
        return xp.sum(xp.where(margin >= 1, xp.zeros_like(margin), 1 - margin), axis=-1)

    def gradient(self, outputs: Array, targets: Array) -> Array:
        xp, y = array_namespace(outputs), as_signs(targets, outputs)
        return xp.where(y * outputs >= 1, xp.zeros_like(outputs), -y)
