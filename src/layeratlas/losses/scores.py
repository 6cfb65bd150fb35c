"""How good outputs are, beside their loss: the fraction right, or the variance explained.

    accuracy            = fraction of samples whose prediction is the target
    explained_variance  = 1 − Σ (f − y)² / Σ (y − ȳ)²,   ȳ the mean of each output's targets

Accuracy is of classes, of tokens (a position is a sample), and of signs where the loss takes them;
explained variance of other numbers. It is 0 for a network that knows only ȳ, below 0 for one that
is worse, and NaN where the targets are constant.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Shaped

from layeratlas.losses.base import Loss, are_numbers, by_position

__all__ = ["evaluated", "name_of_score", "score", "spread_of"]

_MEANING = {
    "accuracy": "accuracy",
    "explained_variance": "fraction of the targets' variance explained",
    "loss": "loss",
}
_SETS = {"train": "clean training set", "test": "test set"}


def evaluated(name: str) -> dict[str, str]:
    """What an evaluation with a score of that name has, by variable, with its meaning."""
    return {
        f"{split}_{what}": f"{_MEANING[what]} on the {told}"
        for what in (name, "loss")
        for split, told in _SETS.items()
    }


def name_of_score(loss: Loss, targets: np.ndarray) -> str:
    """`accuracy` or `explained_variance`, whichever such targets have."""
    return "explained_variance" if are_numbers(targets) and not loss.signs else "accuracy"


def spread_of(targets: Shaped[np.ndarray, "sample ..."]) -> float:
    """Mean over samples and outputs of (y − ȳ)²: what `score` divides by; 1 of no numbers."""
    if not are_numbers(targets):
        return 1.0
    y = targets.astype(np.float64)
    return float(((y - y.mean(axis=0)) ** 2).mean())


def score(
    loss: Loss,
    outputs: Float[np.ndarray, "member sample ..."],
    targets: Shaped[np.ndarray, "sample ..."],
    spread: float,
) -> Float[np.ndarray, " member"]:
    """Accuracy or explained variance of float64 outputs, `(member,)`.

    `spread` is that of all targets; so of batches the scores have their mean, by size, as score.
    """
    alike = np.broadcast_to(targets, (len(outputs), *targets.shape))
    f, y = by_position(outputs, alike)
    predicted = loss.prediction(f, y)
    if name_of_score(loss, targets) == "accuracy":
        right = predicted == (np.sign(y) if are_numbers(y) else y)
        return right.mean(axis=tuple(range(1, right.ndim)))
    residual = ((predicted - y) ** 2).mean(axis=(1, 2))
    return 1 - residual / spread if spread > 0 else np.full(len(outputs), np.nan)
