"""The backward–feature angle, of probes and of trainings (`layeratlas.metrics.gradient_step`)."""

from __future__ import annotations

import numpy as np

from layeratlas.probes.sums import norm, total

__all__ = ["backward_feature_angle"]


def backward_feature_angle(velocity, backward) -> tuple[np.ndarray, np.ndarray]:
    """cos θ and θ between ḟ and −b, `(…, sample, unit)` → `(…)`, radians.

    NaN where either vanishes. θ = atan2(|ḟ's part across b|, ḟ's part along −b): arccos would lose
    half the digits near 0. Source: Chizat and Netrapalli, "The Feature Speed Formula", Def. 3.1.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        direction = backward / norm(backward)[..., None, None]
        along = -total(direction * velocity)
        across = norm(velocity + along[..., None, None] * direction)
        length = np.hypot(along, across)
        return along / length, np.where(length > 0, np.arctan2(across, along), np.nan)
