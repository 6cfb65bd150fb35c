"""Classes in a layer: their means, and what is left within them.

Features X of one layer, `(member, sample, feature)`; labels c, `(sample,)`; classes k of size
n_k with mean m_k; grand mean m = Σ_k (n_k/N) m_k. Then

    Σ_w = (1/N) Σ_k Σ_{i∈k} (x_i − m_k)(x_i − m_k)ᵀ        within classes
    Σ_b = (1/N) Σ_k n_k (m_k − m)(m_k − m)ᵀ               between classes

Neither is ever formed where a trace will do. Two passes over the images: each sample's own class
mean is subtracted before anything is squared, because the one-pass form E|x|² − |m|² cancels in
float32. Functions accept numpy arrays or torch tensors; sums are over the samples at hand.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace

from layeratlas.signals.network import Network
from layeratlas.signals.views import Seen

__all__ = [
    "between_classes",
    "between_directions",
    "class_means",
    "class_sums",
    "classes",
    "classes_of",
    "deviations",
    "kept_inverse",
    "over_images",
    "refuse_shapes",
    "scatter",
    "square",
    "square_along",
]

# The published code inverts float32 matrices with the library's default cut-off.
_CUTOFF_EPS = float(np.finfo(np.float32).eps)


def classes(network: Network, view: Seen) -> Any:
    """Classes of all images of a view, ascending; ValueError where there are fewer than two."""
    return classes_of(network.array(view.targets))


def classes_of(labels) -> Any:
    """Different labels, ascending; ValueError where there are fewer than two."""
    found = array_namespace(labels).unique_values(labels)
    if found.shape[0] < 2:
        raise ValueError("data separation needs samples of at least two classes")
    return found


def class_sums(features, labels, of) -> tuple[Any, Any]:
    """Σ_{i∈k} x_i `(member, class, feature)` and n_k `(class,)` float64, of the classes `of`.

    ValueError if shapes disagree.
    """
    refuse_shapes(features, labels)
    xp = array_namespace(features)
    member_of = xp.astype(labels[None, :] == of[:, None], features.dtype)
    return member_of @ features, xp.sum(xp.astype(member_of, xp.float64), axis=1)


def refuse_shapes(features, labels) -> None:
    """ValueError where these are not the features and labels of the same samples."""
    if features.ndim != 3 or tuple(labels.shape) != (features.shape[1],):
        raise ValueError(
            "features must be (member, sample, feature) and labels (sample,); got "
            f"{tuple(features.shape)} and {tuple(labels.shape)}"
        )


def class_means(sums) -> Any:
    """m_k, `(member, class, feature)`, in the precision of the sums."""
    total, counts = sums
    xp = array_namespace(total)
    return total / xp.astype(counts, total.dtype)[None, :, None]


def between_classes(sums, means) -> Any:
    """√(n_k/N) (m_k − m): rows of M with Σ_b = MᵀM, `(member, class, feature)` float64."""
    _, counts = sums
    xp = array_namespace(means)
    share = counts / xp.sum(counts)
    means = xp.astype(means, xp.float64)
    centred = means - xp.sum(share[None, :, None] * means, axis=1, keepdims=True)
    return xp.sqrt(share)[None, :, None] * centred


def deviations(features, labels, of, means) -> Any:
    """x_i − m_{c_i}, `(member, sample, feature)`, in the precision of the features."""
    xp = array_namespace(features)
    # Looking labels up among sorted ones is a third of the cost of `unique_inverse`.
    index = xp.searchsorted(of, labels)
    return features - xp.astype(xp.take(means, index, axis=1), features.dtype, copy=False)


def between_directions(between) -> Any:
    """Columns V with V Vᵀ = Σ_b⁺, `(member, feature, class)` float64; cut-off d·eps(float32).

    Σ_b = MᵀM has rank below the number of classes K. Its eigenvectors come from the K × K Gram
    matrix MMᵀ, so the cost is one product of the samples with K vectors.
    """
    xp = array_namespace(between)
    gram = between @ xp.matrix_transpose(between)
    finite = xp.all(xp.isfinite(gram), axis=(1, 2))
    # A solver may refuse NaN; the deviations carry it into the result.
    values, left = xp.linalg.eigh(xp.where(finite[:, None, None], gram, xp.zeros_like(gram)))
    inverse = kept_inverse(xp, values, between.shape[2])
    # Columns v_i = Mᵀu_i/√λ_i; weighting by 1/√λ_i once more makes V Vᵀ the pseudo-inverse.
    return xp.matrix_transpose(between) @ (left * inverse[:, None, :])


def kept_inverse(xp, values, features: int) -> Any:
    """1/λ, 0 where an eigenvalue is below the largest one times d·eps(float32)."""
    kept = values > values[:, -1:] * (features * _CUTOFF_EPS)
    return xp.where(kept, 1.0 / xp.where(kept, values, xp.ones_like(values)), 0.0)


def square(x) -> Any:
    """Σ_i |x_i|² for `(member, sample, feature)`, as float64 `(member,)`."""
    xp = array_namespace(x)
    rows = xp.reshape(x, (x.shape[0], 1, -1)) if x.shape[0] else x
    return xp.astype((rows @ xp.matrix_transpose(rows))[:, 0, 0], xp.float64)


def square_along(x, directions) -> Any:
    """Σ_i |x_iᵀ V|², as float64 `(member,)`."""
    xp = array_namespace(x)
    return square(x @ xp.astype(directions, x.dtype))


def scatter(x) -> Any:
    """Σ_i x_i x_iᵀ, `(member, feature, feature)` float64."""
    xp = array_namespace(x)
    return xp.astype(xp.matrix_transpose(x) @ x, xp.float64)


def over_images(total, view: Seen) -> Any:
    """A sum over the images of a view, divided by their number."""
    return total / view.size
