"""Squared error: the mean over samples and outputs of (logits − one-hot label)²."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from layeratlas.backends.base import Array, Backend
from layeratlas.backends.kernels import Kernel, fused


class MeanSquaredError:
    """See `layeratlas.losses.base.Loss`."""

    def __init__(self, encoding: str = "one_hot"):
        self.encoding = encoding

    def gradient_kernel(self, backend: Backend) -> Kernel:
        return backend.kernel(mean_squared_error, plain_mean_squared_error)

    def mean(self, logits: Array, labels: Array) -> Array:
        from torch.nn import functional

        onehot = functional.one_hot(labels, logits.shape[2]).to(logits.dtype)
        return (logits - onehot).square().mean((1, 2))

    def evaluate(
        self, logits: Float[np.ndarray, "member sample cls"], labels: Int[np.ndarray, " sample"]
    ) -> Float[np.ndarray, " member"]:
        onehot = np.eye(logits.shape[2])[labels]
        return ((logits - onehot) ** 2).mean(axis=(1, 2))


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
