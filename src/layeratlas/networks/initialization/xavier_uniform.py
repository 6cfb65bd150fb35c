"""Weights uniform in ±gain·√(6/(fan_in + fan_out)), zero biases (Glorot and Bengio, 2010)."""

from __future__ import annotations

import math

import numpy as np

from layeratlas.networks.layout import ParameterTensor


def xavier_uniform(
    stream: np.random.Generator, tensor: ParameterTensor, fan_in: int, gain: float = 1.0
) -> np.ndarray | float:
    """Of variance 2 gain²/(fan_in + fan_out)."""
    if tensor.role == "bias":
        return 0.0
    bound = gain * math.sqrt(6.0 / (fan_in + tensor.fan_out))
    return stream.uniform(-bound, bound, tensor.shape)
