"""Cross entropy: the mean over samples of −ln softmax(f)[c].

Of the next token: the mean over samples and positions.
"""

from __future__ import annotations

import math

import numpy as np
from array_api_compat import array_namespace
from jaxtyping import Float, Int

from layeratlas.backends.base import Array, Backend
from layeratlas.backends.kernels import Kernel, fused
from layeratlas.losses.base import Loss, by_position
from layeratlas.losses.encoding import encoded


class CrossEntropy(Loss):
    """See `layeratlas.losses.base.Loss`."""

    def value(self, outputs: Array, targets: Array) -> Array:
        xp, z = array_namespace(outputs), _below_the_largest(outputs)
        picked = xp.sum(z * encoded(targets, outputs, "one_hot"), axis=-1)
        return xp.log(xp.sum(xp.exp(z), axis=-1)) - picked

    def gradient(self, outputs: Array, targets: Array) -> Array:
        xp = array_namespace(outputs)
        odds = xp.exp(_below_the_largest(outputs))
        return odds / xp.sum(odds, axis=-1, keepdims=True) - encoded(targets, outputs, "one_hot")

    def gradient_kernel(self, backend: Backend) -> Kernel:
        return backend.kernel(cross_entropy, plain_cross_entropy)

    def mean(self, outputs: Array, targets: Array) -> Array:
        from torch.nn import functional

        z, y = by_position(outputs, targets)
        each = functional.cross_entropy(z.flatten(0, 1), y.flatten(), reduction="none")
        return each.view(y.shape).mean(1)

    def evaluate(
        self,
        outputs: Float[np.ndarray, "member sample ..."],
        targets: Int[np.ndarray, "sample ..."],
    ) -> Float[np.ndarray, " member"]:
        logits, labels = by_position(outputs, targets[None])
        z = logits - logits.max(axis=2, keepdims=True)
        picked = np.take_along_axis(z, labels[:, :, None], axis=2)[:, :, 0]
        return (np.log(np.exp(z).sum(axis=2)) - picked).mean(axis=1)


def _below_the_largest(outputs: Array) -> Array:
    """Outputs less the largest of each sample: their exponentials do not overflow."""
    return outputs - array_namespace(outputs).max(outputs, axis=-1, keepdims=True)


@fused("rmlvm")
def cross_entropy(logits, bias, labels, loss, dbias):
    """loss[e] = mean_i −ln softmax(logits + bias)[label]; logits ← its gradient in place."""
    n, k = logits.shape[1], logits.shape[2]
    dtype = logits.dtype.type
    for e in range(logits.shape[0]):
        ze, b = logits[e], bias[e].copy()
        db = np.zeros(k, logits.dtype)
        total = 0.0
        inv_n = dtype(1) / dtype(n)
        for i in range(n):
            top = ze[i, 0] + b[0]
            for j in range(k):
                ze[i, j] += b[j]
                top = max(top, ze[i, j])
            norm = dtype(0)
            picked = ze[i, labels[e, i]] - top
            for j in range(k):
                v = dtype(math.exp(ze[i, j] - top))
                ze[i, j] = v
                norm += v
            total += math.log(norm) - picked
            for j in range(k):
                ze[i, j] = ze[i, j] / norm * inv_n
            ze[i, labels[e, i]] -= inv_n
            for j in range(k):
                db[j] += ze[i, j]
        dbias[e, :] = db
        loss[e] = total / n


def plain_cross_entropy(
    logits: Array, bias: Array, labels: Array, loss: Array, dbias: Array
) -> None:
    """The twin of `cross_entropy`."""
    logits.add_(bias[:, None])
    log_p = logits.log_softmax(dim=2)
    n = logits.shape[1]
    picked = log_p.gather(2, labels[:, :, None])
    loss.copy_(-picked.double().mean(dim=(1, 2)))
    gradient = log_p.exp()
    gradient.scatter_add_(2, labels[:, :, None], picked.new_full(picked.shape, -1.0))
    logits.copy_(gradient / n)
    dbias.copy_(logits.sum(dim=1))
