"""Weights N(0, σ_w²/fan_in), biases N(0, σ_b²): the family in which chaos has an edge.

ReLU networks are there at σ_w = √2, σ_b = 0, tanh networks on a curve from σ_w = 1, σ_b = 0
(Schoenholz, Gilmer, Ganguli and Sohl-Dickstein, ICLR 2017).
"""

from __future__ import annotations

import math

import numpy as np

from layeratlas.networks.layout import ParameterTensor


def mean_field(
    stream: np.random.Generator,
    tensor: ParameterTensor,
    fan_in: int,
    weight_std: float = math.sqrt(2.0),
    bias_std: float = 0.0,
) -> np.ndarray | float:
    """weight_std: σ_w; bias_std: σ_b."""
    std = bias_std if tensor.role == "bias" else weight_std / math.sqrt(fan_in)
    return stream.normal(0.0, std, tensor.shape)
