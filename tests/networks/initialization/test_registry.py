"""Every initial-value rule is in a module of its name, and draws from its stream alone."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.networks.initialization.registry import RULES, load_rule
from layeratlas.networks.layout import ParameterTensor

TENSORS = (
    ParameterTensor("weight_1", (4, 3), "weight", 1),
    ParameterTensor("bias_1", (4,), "bias", 1),
    ParameterTensor("weight_2", (2, 4, 3, 3), "weight", 2),
)


@pytest.mark.parametrize("name", RULES)
def test_every_rule_draws_its_tensors(name):
    rule = load_rule(name)
    assert rule.__module__ == f"layeratlas.networks.initialization.{name}"
    for tensor in TENSORS:
        first, again = (rule(np.random.default_rng(5), tensor, 9) for _ in range(2))
        np.testing.assert_array_equal(first, again)
        assert np.broadcast_to(first, tensor.shape).shape == tensor.shape
