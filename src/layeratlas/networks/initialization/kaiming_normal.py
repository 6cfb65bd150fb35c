"""Weights N(0, 2/fan), zero biases (He, Zhang, Ren and Sun, ICCV 2015)."""

from __future__ import annotations

import math

import numpy as np

from layeratlas.networks.layout import ParameterTensor


def kaiming_normal(
    stream: np.random.Generator, tensor: ParameterTensor, fan_in: int, fan: str = "fan_in"
) -> np.ndarray | float:
    """fan: `fan_in` keeps the size of features, `fan_out` that of gradients."""
    if tensor.role == "bias":
        return 0.0
    count = fan_in if fan == "fan_in" else tensor.fan_out
    return stream.normal(0.0, math.sqrt(2.0 / count), tensor.shape)
