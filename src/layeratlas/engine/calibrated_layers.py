"""Automatic FSC of a network in training: σ_l and η_l from its own draw and first images.

Source: Chizat and Netrapalli, "The Feature Speed Formula", §4.2; `layeratlas.probes.calibration`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped

from layeratlas.losses.encoding import encoded
from layeratlas.losses.registry import Encoding
from layeratlas.probes import calibration, networks
from layeratlas.probes.losses import CrossEntropy, Loss, MeanSquare


def calibrated_layers(
    model: Mapping[str, Any],
    drawn: Sequence[Float[np.ndarray, "out in"]],
    negative_slope: float,
    images: Float[np.ndarray, "sample feature"],
    targets: Shaped[np.ndarray, "sample ..."],
    loss: str,
    encoding: Encoding = "one_hot",
) -> tuple[Float[np.ndarray, " depth"], Float[np.ndarray, " depth"]]:
    """σ_l and η_l of one network; `drawn`: its weights at standard deviation 1.

    Raises ScalingError where the network cannot be calibrated, KeyError for a loss of training
    that no probe knows.
    """
    depth = model["depth"]
    stds = np.ones(depth)
    if model["family"] == "residual_mlp":
        beta = model["branch_scale"]
        network = networks.resnet(depth, 1, beta, stds=stds, negative_slope=negative_slope)
    else:
        network = networks.mlp(depth, 1, stds=stds, negative_slope=negative_slope)
    numbers = encoded(targets, np.empty((1, len(drawn[-1]))), encoding)
    losses: dict[str, Callable[[], Loss]] = {
        "cross_entropy": lambda: CrossEntropy(targets),
        "mean_squared_error": lambda: MeanSquare(numbers),
    }
    weights = networks.Weights(list(drawn))
    network, rates = calibration.calibrate_fsc(weights, network, images, losses[loss]())
    return network.multipliers[0], rates[0]
