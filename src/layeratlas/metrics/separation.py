"""Data separation: how tight classes are against how far apart (spring–block paper, §1.1).

With Σ_w and Σ_b of `layeratlas.signals.classes`, three measures in nats, `(member,)` float64; −inf
or NaN where a covariance vanishes (dead layers). Metrics take what signals have made; functions of
`(features, labels)` do it all, for numpy arrays or torch tensors.
"""

from __future__ import annotations

import numpy as np
from array_api_compat import array_namespace

from layeratlas.signals import classes

__all__ = [
    "data_separation",
    "data_separation_pseudoinverse",
    "data_separation_within_pseudoinverse",
    "log_of",
    "log_ratio",
    "log_within_pseudoinverse",
]


def log_ratio(between, within):
    """D = ln(tr Σ_w / tr Σ_b), of M `(member, class, feature)` with Σ_b = MᵀM, and tr Σ_w."""
    xp = array_namespace(between)
    with np.errstate(divide="ignore", invalid="ignore"):
        return xp.log(within / xp.sum(between * between, axis=(1, 2)))


def log_of(trace):
    """D_mp = ln tr(Σ_w Σ_b⁺), of that trace."""
    xp = array_namespace(trace)
    with np.errstate(divide="ignore", invalid="ignore"):
        return xp.log(trace)


def log_within_pseudoinverse(between, within):
    """D_imp = ln tr(Σ_b Σ_w⁺), of M and Σ_w; cut-off d·eps(float32). O(d³)."""
    xp = array_namespace(between)
    finite = xp.all(xp.isfinite(within), axis=(1, 2))
    safe = xp.where(finite[:, None, None], within, xp.zeros_like(within))
    values, vectors = xp.linalg.eigh(safe)
    inverse = classes.kept_inverse(xp, values, within.shape[2])
    projected = between @ vectors
    trace = xp.sum(projected * projected * inverse[:, None, :], axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return xp.where(finite, xp.log(trace), xp.nan)


def data_separation(features, labels):
    """D = ln(tr Σ_w / tr Σ_b), smaller when classes are better separated.

    features `(member, sample, feature)`, labels `(sample,)` → `(member,)`.
    Raises ValueError if shapes disagree or fewer than two classes are present.
    Example: points (0,0), (2,0) in class 0 and (10,0), (12,0) in class 1 give −ln 25.
    """
    between, deviations = _classes(features, labels)
    return log_ratio(between, classes.square(deviations) / features.shape[1])


def data_separation_pseudoinverse(features, labels):
    """D_mp = ln tr(Σ_w Σ_b⁺), He and Su's measure, with a relative cut-off of d·eps(float32).

    Shapes as `data_separation`.
    """
    between, deviations = _classes(features, labels)
    directions = classes.between_directions(between)
    return log_of(classes.square_along(deviations, directions) / features.shape[1])


def data_separation_within_pseudoinverse(features, labels):
    """D_imp = ln tr(Σ_b Σ_w⁺), cut-off d·eps(float32). Fragile: dead units make Σ_w singular.

    Shapes as `data_separation`; cost O(N d² + d³).
    """
    between, deviations = _classes(features, labels)
    return log_within_pseudoinverse(between, classes.scatter(deviations) / features.shape[1])


def _classes(features, labels):
    """M with Σ_b = MᵀM, and what is left of the features within classes."""
    classes.refuse_shapes(features, labels)
    of = classes.classes_of(labels)
    sums = classes.class_sums(features, labels, of)
    means = classes.class_means(sums)
    between = classes.between_classes(sums, means)
    return between, classes.deviations(features, labels, of, means)
