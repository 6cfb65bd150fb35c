"""What losses of squared residuals share: a factor times Σ_o (f_o − y_o)², mean over samples.

y is the target: numbers, or a class c as e_c or e_c − 1/C (`losses.encoding`).
"""

from __future__ import annotations

import numpy as np
from array_api_compat import array_namespace

from layeratlas.backends.base import Array, Backend
from layeratlas.backends.kernels import Kernel, fused
from layeratlas.losses.base import Loss
from layeratlas.losses.encoding import encoded
from layeratlas.losses.registry import Encoding


class SquaredLoss(Loss):
    """A loss of one sample is `factor(outputs)` times its sum of squared residuals."""

    def __init__(self, encoding: Encoding = "one_hot"):
        self.encoding = encoding

    def factor(self, n_outputs: int) -> float:
        """What the sum over a sample's outputs is multiplied by."""
        raise NotImplementedError

    def residual(self, outputs: Array, targets: Array) -> Array:
        """f − y, `(member, sample, output)`."""
        return outputs - encoded(targets, outputs, self.encoding)

    def value(self, outputs: Array, targets: Array) -> Array:
        squares = self.residual(outputs, targets) ** 2
        total = array_namespace(outputs).sum(squares, axis=-1)
        return self.factor(outputs.shape[-1]) * total

    def gradient(self, outputs: Array, targets: Array) -> Array:
        return 2 * self.factor(outputs.shape[-1]) * self.residual(outputs, targets)

    def gradient_kernel(self, backend: Backend) -> Kernel:
        kernel = backend.kernel(squared_residuals, plain_squared_residuals)

        def of_targets(outputs, bias, targets, loss, dbias) -> None:
            numbers = encoded(targets, outputs, self.encoding)
            kernel(outputs, bias, numbers, self.factor(outputs.shape[2]), loss, dbias)

        return of_targets


@fused("rmrxvm")
def squared_residuals(outputs, bias, targets, factor, loss, dbias):
    """loss[e] = factor/n Σ_i Σ_o (outputs + bias − targets)²; outputs ← its gradient in place."""
    n, k = outputs.shape[1], outputs.shape[2]
    dtype = outputs.dtype.type
    for e in range(outputs.shape[0]):
        ze, ye, b = outputs[e], targets[e], bias[e].copy()
        db = np.zeros(k, outputs.dtype)
        total = 0.0
        slope = dtype(2.0 * factor / n)
        for i in range(n):
            for j in range(k):
                r = ze[i, j] + b[j] - ye[i, j]
                total += r * r
                ze[i, j] = slope * r
                db[j] += slope * r
        dbias[e, :] = db
        loss[e] = factor * total / n


def plain_squared_residuals(
    outputs: Array, bias: Array, targets: Array, factor: float, loss: Array, dbias: Array
) -> None:
    """The twin of `squared_residuals`."""
    residual = outputs + bias[:, None] - targets
    loss.copy_(factor * residual.double().square().sum(dim=2).mean(dim=1))
    outputs.copy_(residual * (2 * factor / residual.shape[1]))
    dbias.copy_(outputs.sum(dim=1))
