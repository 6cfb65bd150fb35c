"""Data separation: how tight classes are against how far apart (spring–block paper, §1.1).

Features X of one layer, `(member, sample, feature)`; labels c, `(sample,)`; classes k of size
n_k with mean m_k; grand mean m = Σ_k (n_k/N) m_k. Then

    Σ_w = (1/N) Σ_k Σ_{i∈k} (x_i − m_k)(x_i − m_k)ᵀ        within classes
    Σ_b = (1/N) Σ_k n_k (m_k − m)(m_k − m)ᵀ               between classes

Neither covariance is ever formed where a trace will do. Each sample's own class mean is
subtracted before anything is squared: the one-pass form E|x|² − |m|² cancels in float32.
Small matrices are float64. Functions return `(member,)` float64, in nats, −inf or NaN included
where a covariance vanishes (dead layers), and accept numpy arrays or torch tensors. Each takes
`statistics` computed before, so that several measures of a layer share the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from array_api_compat import array_namespace

__all__ = [
    "ClassStatistics",
    "class_statistics",
    "data_separation",
    "data_separation_pseudoinverse",
    "data_separation_within_pseudoinverse",
]

# The published code inverts float32 matrices with the library's default cut-off.
_CUTOFF_EPS = float(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class ClassStatistics:
    """What all three measures need of one layer, computed once.

    deviations: x_i − m_{c_i}, `(member, sample, feature)`; means: √(n_k/N) (m_k − m), rows of M
    with Σ_b = MᵀM, `(member, class, feature)` float64.
    """

    xp: Any
    deviations: Any
    means: Any


def class_statistics(features, labels) -> ClassStatistics:
    """Deviations from class means, and weighted class means, of one layer.

    features `(member, sample, feature)`, labels `(sample,)`. Raises ValueError if shapes
    disagree or fewer than two classes are present.
    """
    xp = array_namespace(features)
    if features.ndim != 3 or tuple(labels.shape) != (features.shape[1],):
        raise ValueError(
            "features must be (member, sample, feature) and labels (sample,); got "
            f"{tuple(features.shape)} and {tuple(labels.shape)}"
        )
    # Sorting values and looking them up is a third of the cost of `unique_inverse`.
    classes = xp.unique_values(labels)
    if classes.shape[0] < 2:
        raise ValueError("data separation needs samples of at least two classes")
    index = xp.searchsorted(classes, labels)
    member_of = xp.astype(labels[None, :] == classes[:, None], features.dtype)
    counts = xp.sum(xp.astype(member_of, xp.float64), axis=1)
    means = (member_of @ features) / xp.astype(counts, features.dtype)[None, :, None]
    deviations = features - xp.take(means, index, axis=1)
    share = counts / xp.sum(counts)
    means = xp.astype(means, xp.float64)
    centred = means - xp.sum(share[None, :, None] * means, axis=1, keepdims=True)
    return ClassStatistics(xp, deviations, xp.sqrt(share)[None, :, None] * centred)


def data_separation(features, labels, *, statistics: ClassStatistics | None = None):
    """D = ln(tr Σ_w / tr Σ_b), smaller when classes are better separated.

    features `(member, sample, feature)`, labels `(sample,)` → `(member,)`.
    Raises ValueError if shapes disagree or fewer than two classes are present.
    Example: points (0,0), (2,0) in class 0 and (10,0), (12,0) in class 1 give −ln 25.
    """
    shared = statistics or class_statistics(features, labels)
    xp, deviations, means = shared.xp, shared.deviations, shared.means
    within = _mean_square(xp, deviations)
    between = xp.sum(means * means, axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return xp.log(within / between)


def data_separation_pseudoinverse(features, labels, *, statistics: ClassStatistics | None = None):
    """D_mp = ln tr(Σ_w Σ_b⁺), He and Su's measure, with a relative cut-off of d·eps(float32).

    Σ_b = MᵀM has rank below the number of classes K, M being the `(K, d)` matrix of weighted
    class means. Its eigenvectors come from the K × K Gram matrix MMᵀ, so the cost is one
    product of the samples with K vectors. Shapes as `data_separation`.
    """
    shared = statistics or class_statistics(features, labels)
    xp, deviations, means = shared.xp, shared.deviations, shared.means
    gram = means @ xp.matrix_transpose(means)
    finite = xp.all(xp.isfinite(gram), axis=(1, 2))
    # A solver may refuse NaN; the deviations carry it into the result.
    values, left = xp.linalg.eigh(xp.where(finite[:, None, None], gram, xp.zeros_like(gram)))
    kept = values > values[:, -1:] * (features.shape[2] * _CUTOFF_EPS)
    inverse = xp.where(kept, 1.0 / xp.where(kept, values, xp.ones_like(values)), 0.0)
    # Columns v_i = Mᵀu_i/√λ_i; weighting by 1/√λ_i once more gives tr(Σ_w Σ_b⁺) as a mean square.
    directions = xp.matrix_transpose(means) @ (left * inverse[:, None, :])
    projected = deviations @ xp.astype(directions, deviations.dtype)
    with np.errstate(divide="ignore", invalid="ignore"):
        return xp.log(_mean_square(xp, projected))


def data_separation_within_pseudoinverse(
    features, labels, *, statistics: ClassStatistics | None = None
):
    """D_imp = ln tr(Σ_b Σ_w⁺), cut-off d·eps(float32). Fragile: dead units make Σ_w singular.

    Shapes as `data_separation`; cost O(N d² + d³).
    """
    shared = statistics or class_statistics(features, labels)
    xp, deviations, means = shared.xp, shared.deviations, shared.means
    n = features.shape[1]
    within = xp.astype(xp.matrix_transpose(deviations) @ deviations, xp.float64) / n
    finite = xp.all(xp.isfinite(within), axis=(1, 2))
    safe = xp.where(finite[:, None, None], within, xp.zeros_like(within))
    values, vectors = xp.linalg.eigh(safe)
    kept = values > values[:, -1:] * (features.shape[2] * _CUTOFF_EPS)
    inverse = xp.where(kept, 1.0 / xp.where(kept, values, xp.ones_like(values)), 0.0)
    projected = means @ vectors
    trace = xp.sum(projected * projected * inverse[:, None, :], axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return xp.where(finite, xp.log(trace), xp.nan)


def _mean_square(xp, x):
    """(1/N) Σ_i |x_i|² for `(member, sample, feature)`, as float64 `(member,)`."""
    members, n = x.shape[0], x.shape[1]
    rows = xp.reshape(x, (members, 1, -1)) if x.shape[0] else x
    square = rows @ xp.matrix_transpose(rows)
    return xp.astype(square[:, 0, 0], xp.float64) / n
