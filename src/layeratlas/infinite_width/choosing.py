"""The map of correlations of a network's settings."""

from __future__ import annotations

from layeratlas.errors import LayerAtlasError
from layeratlas.infinite_width.recursion import CorrelationMap
from layeratlas.infinite_width.relu import Rectifier
from layeratlas.infinite_width.smooth import smooth
from layeratlas.networks.activations.registry import ACTIVATIONS

__all__ = ["correlation_map"]


def correlation_map(
    activation: str, weight_std: float, bias_std: float = 0.0, negative_slope: float = 0.0
) -> CorrelationMap:
    """The map of layers with weights N(0, σ_w²/fan_in) and biases N(0, σ_b²), settled.

    Rectifiers, whose activations take a slope, have it in closed form; others by their Hermite
    series, if they are written out with their derivative. LayerAtlasError where there is no
    recursion.
    """
    if activation in ACTIVATIONS and ACTIVATIONS[activation].slope:
        gain = 1.0 if bias_std == 0 else weight_std**2 * (1 + negative_slope**2) / 2
        try:
            return Rectifier(negative_slope, gain)
        except ValueError as error:
            raise LayerAtlasError(
                f"{activation} with sigma_w {weight_std:.4g} and sigma_b {bias_std:.4g}: no "
                f"recursion of correlations, {error}"
            ) from error
    return smooth(activation, weight_std, bias_std)
