"""What a cube keeps of probes: arrays under the names of `layeratlas.probes.variables`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from layeratlas.probes.kernels import jacobians, kernel_moments, spectral_moment_ratio
from layeratlas.probes.measures import Probe, measure
from layeratlas.probes.passes import Pass

__all__ = ["CONDITIONING", "recorded"]

#: Variables that only a probe with `conditioning` has: they cost O(L m³).
CONDITIONING = (
    "kernel_moment_1",
    "kernel_moment_2",
    "jacobian_moment_ratio",
    "jacobian_smallest_singular_value",
)


def recorded(point: Pass, rates: np.ndarray, probe: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Arrays by variable, `(setting, …)` with the dims of its node, layers 0 … L.

    rates: η `(setting, L)`; probe: the settings `step` and `conditioning`.
    """
    results = [measure(point, rates)]
    if probe["step"] is not None:
        # A step too large for a network overflows; its status will say so, numpy need not.
        with np.errstate(over="ignore", invalid="ignore"):
            results.append(measure(point, rates, probe["step"]))
    first = results[0]
    found = {
        "feature_norm": first.f_rms,
        "backward_norm": first.b_rms,
        "contribution": first.contribution,
        "loss_decay": first.loss_decay,
        "learning_rate": np.pad(first.learning_rates, ((0, 0), (1, 0)), constant_values=np.nan),
        "loss": first.loss,
        "output_gradient_norm": np.sqrt(np.sum(point.b[point.network.depth] ** 2, axis=(1, 2))),
    }
    by_derivative = {
        "feature_velocity": [r.df_rms for r in results],
        "cos_backward_feature_angle": [r.cos_theta for r in results],
        "backward_feature_angle": [r.theta for r in results],
        "sensitivity": [r.sensitivity for r in results],
        "feature_change_per_loss_change": [r.feature_per_loss for r in results],
        "feature_speed_residual": [_residual(r, point) for r in results],
        "loss_change": [r.loss_change for r in results],
    }
    found |= {name: np.stack(each, axis=1) for name, each in by_derivative.items()}
    if probe["conditioning"]:
        settings = [_conditioning(point, rates, i) for i in range(point.network.settings)]
        found |= dict(zip(CONDITIONING, np.stack(settings, axis=1), strict=True))
    return found


def _residual(result: Probe, point: Pass) -> np.ndarray:
    """|−⟨b_v, ḟ_v⟩ − D_v|/D_v; NaN where no layer up to v moves."""
    dims = np.array([f[0].size for f in point.f])
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        aligned = result.cos_theta * result.df_rms * result.b_rms * dims
        return np.abs(aligned - result.loss_decay) / result.loss_decay


def _conditioning(point: Pass, rates: np.ndarray, setting: int) -> np.ndarray:
    """`CONDITIONING` of one setting, `(variable, L + 1)`."""
    moments = kernel_moments(point, rates, setting)
    ratio, smallest = np.full((2, point.network.depth + 1), np.nan)
    for layer, jacobian in jacobians(point, 1, setting):
        singular = np.linalg.svd(jacobian, compute_uv=False)
        with np.errstate(invalid="ignore"):  # a dead network has Jacobian zero
            ratio[layer] = spectral_moment_ratio(jacobian)
            smallest[layer] = singular[-1] / np.sqrt(np.mean(singular**2))
    return np.stack([*moments.T, ratio, smallest])
