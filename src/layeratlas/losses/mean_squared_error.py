"""Mean squared error: the mean over samples and outputs of (f − y)².

y is the target: numbers, or a class c as e_c or e_c − 1/C (`losses.encoding`).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Shaped

from layeratlas.backends.base import Array, Backend
from layeratlas.backends.kernels import Kernel, fused
from layeratlas.losses.squares import SquaredLoss


class MeanSquaredError(SquaredLoss):
    """See `layeratlas.losses.base.Loss`."""

    def factor(self, n_outputs: int) -> float:
        return 1 / n_outputs

    def gradient_kernel(self, backend: Backend) -> Kernel:
        of_numbers = super().gradient_kernel(backend)
        if self.encoding != "one_hot":
            return of_numbers
        of_classes = backend.kernel(mean_squared_error, plain_mean_squared_error)

        def of_targets(outputs, bias, targets, loss, dbias) -> None:
            kernel = of_classes if targets.ndim == 2 else of_numbers
            kernel(outputs, bias, targets, loss, dbias)

        return of_targets

    def mean(self, outputs: Array, targets: Array) -> Array:
        return self.residual(outputs, targets).square().mean((1, 2))

    def evaluate(
        self,
        outputs: Float[np.ndarray, "member sample output"],
        targets: Shaped[np.ndarray, "sample ..."],
    ) -> Float[np.ndarray, " member"]:
        return (self.residual(outputs, targets) ** 2).mean(axis=(1, 2))


@fused("rmlvm")
def mean_squared_error(logits, bias, labels, loss, dbias):
    """loss[e] = mean over samples and outputs of (logits + bias − onehot)²; gradient in place."""
    n, k = logits.shape[1], logits.shape[2]
    dtype = logits.dtype.type
    for e in range(logits.shape[0]):
        ze, b = logits[e], bias[e].copy()
        db = np.zeros(k, logits.dtype)
        total = 0.0
        factor = dtype(2.0 / (n * k))
        for i in range(n):
            for j in range(k):
                r = ze[i, j] + b[j]
                if j == labels[e, i]:
                    r -= dtype(1)
                total += r * r
                ze[i, j] = factor * r
                db[j] += factor * r
        dbias[e, :] = db
        loss[e] = total / (n * k)


def plain_mean_squared_error(
    logits: Array, bias: Array, labels: Array, loss: Array, dbias: Array
) -> None:
    """The twin of `mean_squared_error`."""
    residual = logits + bias[:, None]
    minus = residual.new_full((*residual.shape[:2], 1), -1.0)
    residual.scatter_add_(2, labels[:, :, None], minus)
    loss.copy_(residual.double().square().mean(dim=(1, 2)))
    logits.copy_(residual * (2.0 / residual[0].numel()))
    dbias.copy_(logits.sum(dim=1))
