"""Numbers a layer of what one gradient step does, trained or not.

A metric here takes a `layeratlas.signals.gradient_step.GradientStep` and gives one number a layer,
`(layer,)` float64. With its f_v, b_v, ḟ_v, C_l and D_v = Σ_{l≤v} C_l (θ_v between ḟ_v and −b_v)

    −⟨b_v, ḟ_v⟩ = D_v,   |ḟ_v| cos θ_v |b_v| = D_v     (feature speed formula)

Layer 0 is the network's input. NaN where a number is not defined. |x|_rms = |x|/√dim, over images
and features together.

Source: Chizat and Netrapalli, "The Feature Speed Formula", NeurIPS 2024, Thm 2.1 and Eq. 4
(specification §1.2, §1.3).
"""

from __future__ import annotations

import numpy as np

from layeratlas.probes import angles
from layeratlas.signals.gradient_step import GradientStep, Layers

__all__ = [
    "backward_feature_angle",
    "backward_norm",
    "contribution",
    "feature_norm",
    "feature_speed_residual",
    "feature_velocity",
    "loss_decay",
    "sensitivity",
]


def feature_norm(step: GradientStep) -> Layers:
    """|f_v|_rms."""
    return _rms(step.features)


def backward_norm(step: GradientStep) -> Layers:
    """|b_v|_rms."""
    return _rms(step.backward)


def feature_velocity(step: GradientStep) -> Layers:
    """|ḟ_v|_rms per unit of the master step."""
    return np.where(np.isfinite(loss_decay(step)), _rms(step.velocities), np.nan)


def backward_feature_angle(step: GradientStep) -> Layers:
    """θ_v between ḟ_v and −b_v, radians; NaN where either vanishes."""
    pairs = zip(step.velocities, step.backward, strict=True)
    return np.array([float(angles.backward_feature_angle(f, b)[1]) for f, b in pairs])


def contribution(step: GradientStep) -> Layers:
    """C_l = Σ_{t in l} η_t |G_t|²."""
    return step.contributions


def loss_decay(step: GradientStep) -> Layers:
    """D_v = Σ_{l≤v} C_l, in units of the loss per unit of the master step."""
    trained = np.isfinite(step.contributions)
    decay = np.cumsum(np.where(trained, step.contributions, 0.0))
    return np.where(trained.cumsum() > 0, decay, np.nan)


def sensitivity(step: GradientStep) -> Layers:
    """S_v = |ḟ_v|_rms/D_v."""
    return _over(feature_velocity(step), loss_decay(step))


def feature_speed_residual(step: GradientStep) -> Layers:
    """|−⟨b_v, ḟ_v⟩ − D_v|/D_v: zero but for rounding, by the feature speed formula."""
    pairs = zip(step.backward, step.velocities, strict=True)
    aligned = np.array([-np.sum(b * f) for b, f in pairs])
    decay = loss_decay(step)
    return _over(np.abs(aligned - decay), decay)


def _rms(arrays: list[np.ndarray]) -> Layers:
    return np.array([np.sqrt(np.mean(np.square(a))) for a in arrays])


def _over(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a/b; NaN where b is 0, a layer up to which nothing moves."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(b > 0, a / b, np.nan)
