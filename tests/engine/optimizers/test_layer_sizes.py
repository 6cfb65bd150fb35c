"""Sizes of layerwise steps: the formulas, whose optimisers they are, and how many constants."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.engine.optimizers.layer_sizes import (
    RULES,
    block_sizes,
    constants_of,
    layer_rule,
    refuse_constants,
)
from layeratlas.errors import ConfigError

FORMULAS = {
    "invariant": lambda c, norm: c / (2 * norm**2),
    "normalized": lambda c, norm: c / norm,
    "scaled": lambda c, norm: c,
    "cap": lambda c, norm: min(1.0, c / norm),
}


@pytest.mark.parametrize("rule", RULES)
def test_sizes_of_arrays_are_the_formulas(rule):
    square, constants = np.array([[4.0, 9.0]]), np.array([0.5, 5.0])
    expected = [FORMULAS[rule](c, np.sqrt(s)) for c, s in zip(constants, square[0], strict=True)]
    np.testing.assert_allclose(block_sizes(square, constants, rule, 2)[0], expected)


def test_every_trained_layer_has_a_constant():
    assert constants_of(None, 3).tolist() == [1, 1, 1]
    assert constants_of([500, 2e-3], 2).tolist() == [500, 2e-3]
    with pytest.raises(ConfigError, match="2 given, but the network has 3 layers"):
        constants_of([500, 2e-3], 3)


def test_constants_are_refused_where_none_lets_a_layer_move():
    refuse_constants({"constants": None}, lambda: 3)
    refuse_constants({"constants": [0, 2e-3, 0]}, lambda: 3)
    with pytest.raises(ConfigError, match="all are 0, so that no layer would move"):
        refuse_constants({"constants": [0, 0.0, 0]}, lambda: 3)
    with pytest.raises(ConfigError, match="2 given, but the network has 3 layers"):
        refuse_constants({"constants": [0, 0]}, lambda: 3)


def test_only_layerwise_optimisers_have_a_rule():
    own = {"rule": "cap", "constants": [1.0]}
    assert layer_rule({"optimizer": "blockwise", "optimizer_settings": own}) == ("cap", [1.0])
    assert layer_rule({"optimizer": "scale_invariant_sgd"}) == ("invariant", None)
    assert layer_rule({"optimizer": "adam"}) is None
