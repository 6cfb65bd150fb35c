"""Squares of parameters against sums over named tensors."""

from __future__ import annotations

import numpy as np
import pytest
from made.passes import network_of
from made.steps import MODELS

from layeratlas.signals.parameters import initial_parameter_square, parameter_square


@pytest.mark.parametrize("model", MODELS)
def test_weights_and_biases_of_every_map(make_plan, model):
    network = network_of(make_plan, model, members=2)
    for found, theta in (
        (parameter_square(network), network.theta),
        (initial_parameter_square(network), network.initial),
    ):
        views = network.family.parameters.views(theta)
        for affine, square in zip(network.family.affines, found, strict=True):
            for m in range(2):
                own = [name for name in (affine.weight, affine.bias) if name is not None]
                total = sum(float(w) ** 2 for name in own for w in views[name][m].ravel())
                np.testing.assert_allclose(square[m], total, rtol=1e-12)


def test_a_map_without_a_bias_has_its_weights_alone(make_plan):
    network = network_of(make_plan, "mlp", members=2)
    first = network.family.affines[0]
    network.family.affines = (type(first)(first.name, "dense", first.weight, None, 1),)
    weight = network.family.parameters.views(network.theta)[first.weight]
    np.testing.assert_allclose(parameter_square(network)[0], (weight**2).sum((1, 2)))


def test_weights_before_training_must_have_been_kept(make_plan):
    network = network_of(make_plan, "mlp")
    network.initial = None
    with pytest.raises(ValueError, match="were not kept"):
        initial_parameter_square(network)
