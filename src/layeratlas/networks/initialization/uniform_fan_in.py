"""The frameworks' default: weights and biases uniform in ±1/√fan_in, or a gain times that."""

from __future__ import annotations

import math

import numpy as np

from layeratlas.networks.layout import ParameterTensor


def uniform_fan_in(
    stream: np.random.Generator, tensor: ParameterTensor, fan_in: int, gain: float = 1.0
) -> np.ndarray:
    """Of variance gain²/(3 fan_in)."""
    bound = gain / math.sqrt(fan_in)
    return stream.uniform(-bound, bound, tensor.shape)
