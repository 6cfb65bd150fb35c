"""Signals: the forward features of every layer on a probe set, handed to metrics of layers.

Such a metric sees arrays `(member, sample, feature)` and never a network. The other two kinds of
metric come another way: one of a gradient step sees `layeratlas.metrics.gradient_step`, one of a
whole network its loss, `layeratlas.networks.functional.member_loss`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from layeratlas.backends import Backend
from layeratlas.networks.base import BatchNormMode, Family, LayerFeatures


def forward_features(
    family: Family,
    backend: Backend,
    theta: np.ndarray,
    statistics: np.ndarray,
    members: Mapping[str, np.ndarray],
    images: np.ndarray,
    mode: BatchNormMode = "running_statistics",
) -> Iterator[LayerFeatures]:
    """Features of layers 0 … L on `images` `(sample, feature)`; dropout off, weights untouched.

    theta, statistics: `(member, width)`; `members` holds each member's settings (slope, …).
    `mode` says which statistics batch norm uses: the running ones (evaluation mode of every
    framework) or those of the probe set itself.
    """
    ensemble = family.ensemble(
        backend,
        backend.from_numpy(theta),
        backend.from_numpy(statistics),
        members,
        None,
    )
    yield from ensemble.features(backend.from_numpy(images), mode)
