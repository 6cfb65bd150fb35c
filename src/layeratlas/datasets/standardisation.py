"""Inputs minus a multiple of their mean, over the spread of what is left.

    x' = (x − s m) / r,    r² = mean of (x − s m)²

m and r are of the training set: one number (`global`), one a channel (`per_channel`), or one an
entry of an input (`per_pixel`); `mean_image` takes m of each entry and one r. s is `mean_shift`; at
s = 1, r is the standard deviation (in the population form, divided by the count). An entry that is
the same in every training sample is not divided.

s is a dial for the mean cosine between inputs, which is what the correlations of a deep network
start from (load and propagation paper, §11 of its specification).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from layeratlas.datasets.recipes.base import Standardisation

_ROWS = 4096  # standardised at once; bounds the memory


def standardise(
    train: Float[np.ndarray, "train_sample ..."],
    test: Float[np.ndarray, "test_sample ..."],
    how: Standardisation,
    mean_shift: float = 1.0,
) -> None:
    """Both parts in place, by the training part's statistics, which are taken in float64.

    `per_channel` takes the first axis of an input for the channel; inputs of one axis have one
    channel.
    """
    if how == "none":
        return
    entries = tuple(range(1, train.ndim))
    of_channel = entries[1:] or entries
    of_mean, of_spread = {
        "global": (entries, entries),
        "per_channel": (of_channel, of_channel),
        "per_pixel": ((), ()),
        "mean_image": ((), entries),
    }[how]
    mean = mean_shift * _mean(train, of_mean)
    spread = np.sqrt(_mean(train, of_spread, mean))
    spread[spread <= 1e-7 * np.abs(mean).max(initial=1e-30)] = 1.0
    for part in (train, test):
        for start in range(0, len(part), _ROWS):
            rows = part[start : start + _ROWS]
            rows[...] = (rows - mean) / spread


def _mean(x: np.ndarray, inner: tuple[int, ...], minus: np.ndarray | None = None) -> np.ndarray:
    """Mean over samples and axes `inner`, of x or of (x − minus)², with axes of length 1 kept."""
    total: np.ndarray | float = 0.0
    for start in range(0, len(x), _ROWS):
        rows = x[start : start + _ROWS].astype(np.float64)
        if minus is not None:
            rows = np.square(rows - minus)
        total = total + rows.mean(axis=inner, keepdims=True).sum(axis=0, keepdims=True)
    return np.asarray(total / len(x))
