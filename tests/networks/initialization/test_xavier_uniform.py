"""Weights uniform in ±gain √(6/(fan_in + fan_out)), as torch has it; zero biases."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import stats

from layeratlas.networks.initialization.xavier_uniform import xavier_uniform
from layeratlas.networks.layout import ParameterTensor


@pytest.mark.parametrize("shape", [(300, 100), (40, 30, 3, 3)])
@pytest.mark.parametrize("gain", [1.0, 0.25])
def test_the_bound_is_torchs(shape, gain):
    tensor = ParameterTensor("weight_1", shape, "weight", 1)
    drawn = xavier_uniform(np.random.default_rng(0), tensor, math.prod(shape[1:]), gain=gain)
    fans = torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))
    bound = gain * math.sqrt(6 / sum(fans))
    assert tensor.fan_out == fans[1]
    uniform = (drawn.ravel() / bound + 1) / 2
    assert stats.kstest(uniform, "uniform").pvalue > 1e-3
    assert xavier_uniform(np.random.default_rng(0), ParameterTensor("b", (3,), "bias", 1), 2) == 0
