"""Weights N(0, σ_w²/fan_in), biases N(0, σ_b²)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from layeratlas.networks.initialization.mean_field import mean_field
from layeratlas.networks.layout import ParameterTensor


@pytest.mark.parametrize(("weight_std", "bias_std"), [(1.3, 0.2), (2**0.5, 0.0)])
def test_spreads(weight_std, bias_std):
    weight = ParameterTensor("weight_1", (400, 100), "weight", 1)
    bias = ParameterTensor("bias_1", (20_000,), "bias", 1)
    own = {"weight_std": weight_std, "bias_std": bias_std}
    drawn = mean_field(np.random.default_rng(0), weight, 100, **own).ravel()
    assert stats.kstest(drawn / (weight_std / 10), "norm").pvalue > 1e-3
    biases = mean_field(np.random.default_rng(1), bias, 100, **own)
    assert biases.std() == pytest.approx(bias_std, rel=0.03)


def test_its_default_is_the_edge_of_chaos_of_relu():
    weight = ParameterTensor("weight_1", (50, 40), "weight", 1)
    drawn = mean_field(np.random.default_rng(0), weight, 40)
    expected = np.random.default_rng(0).normal(0, math.sqrt(2 / 40), (50, 40))
    np.testing.assert_allclose(drawn, expected, rtol=1e-15)
    bias = ParameterTensor("bias_1", (5,), "bias", 1)
    assert (mean_field(np.random.default_rng(0), bias, 40) == 0).all()
