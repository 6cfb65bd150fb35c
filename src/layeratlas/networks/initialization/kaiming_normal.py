"""Weights N(0, 2/fan_in), zero biases (He, Zhang, Ren and Sun, ICCV 2015)."""

from __future__ import annotations

import math

import numpy as np

from layeratlas.networks.layout import ParameterTensor


def kaiming_normal(
    stream: np.random.Generator, tensor: ParameterTensor, fan_in: int
) -> np.ndarray | float:
    if tensor.role == "bias":
        return 0.0
    return stream.normal(0.0, math.sqrt(2.0 / fan_in), tensor.shape)
