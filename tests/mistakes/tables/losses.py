"""Losses of training: their kernels, what autograd differentiates, and evaluation."""

from __future__ import annotations

from ..mistake import Mistake

ENTROPY, SQUARES = "losses/cross_entropy.py", "losses/mean_squared_error.py"

MISTAKES = (
    Mistake(
        ENTROPY,
        "loss[e] = total / n",
        "loss[e] = total / (n * k)",
        "the loss is a mean over classes too",
    ),
    Mistake(
        ENTROPY,
        "inv_n = dtype(1) / dtype(n)",
        "inv_n = dtype(1)",
        "the gradient is that of the sum over samples",
    ),
    Mistake(
        ENTROPY,
        "top = max(top, ze[i, j])",
        "top = min(top, ze[i, j])",
        "exponentials overflow where logits are far apart",
    ),
    Mistake(
        ENTROPY,
        "loss.copy_(-picked.double().mean(dim=(1, 2)))",
        "loss.copy_(-picked.double().sum(dim=(1, 2)))",
        "the loss is a sum over samples, plain",
    ),
    Mistake(
        ENTROPY,
        "z = logits - logits.max(axis=2, keepdims=True)",
        "z = logits",
        "an evaluation's exponentials overflow",
    ),
    Mistake(
        ENTROPY,
        "picked).mean(axis=1)",
        "picked).mean(axis=1) / np.log(2)",
        "an evaluation's loss is in bits",
    ),
    Mistake(
        SQUARES,
        "factor = dtype(2.0 / (n * k))",
        "factor = dtype(1.0 / (n * k))",
        "the gradient lacks the 2 of the square",
    ),
    Mistake(
        SQUARES,
        "loss[e] = total / (n * k)",
        "loss[e] = total / n",
        "the loss is a sum over outputs",
    ),
    Mistake(
        SQUARES,
        "(2.0 / residual[0].numel())",
        "(2.0 / residual.numel())",
        "the gradient is divided by the number of members, plain",
    ),
    Mistake(
        SQUARES,
        "((logits - onehot) ** 2).mean(axis=(1, 2))",
        "((logits - onehot) ** 2).sum(axis=2).mean(axis=1)",
        "an evaluation's loss is a sum over outputs",
    ),
    Mistake(
        SQUARES,
        "(logits - onehot).square().mean((1, 2))",
        "(logits - onehot).square().mean((1, 2)) / 2",
        "half the squared error, differentiated",
    ),
)
