"""Normal weights of variance 2/fan_in, zero biases."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from layeratlas.networks.initialization.kaiming_normal import kaiming_normal
from layeratlas.networks.layout import ParameterTensor
from layeratlas.networks.registry import create_family
from layeratlas.networks.settings import MLPSettings


def test_kaiming_normal():
    family = create_family(MLPSettings(initialization="kaiming_normal").model_dump(), (100,), 10)
    views = family.parameters.views(family.initialize(range(5))[0])
    weights = views["weight_4"].ravel()
    assert stats.kstest(weights / math.sqrt(2 / 100), "norm").pvalue > 1e-3
    assert (views["bias_4"] == 0).all()


@pytest.mark.parametrize("fan_in", [1, 7, 300])
def test_variance_is_two_over_fan_in(fan_in):
    tensor = ParameterTensor("weight_1", (40_000, 1), "weight", 1)
    drawn = kaiming_normal(np.random.default_rng(0), tensor, fan_in)
    assert abs(drawn.var() * fan_in / 2 - 1) < 5 * math.sqrt(2 / drawn.size)
