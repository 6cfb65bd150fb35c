"""The residual family against a plain `nn.Module`, its forward in torch, and what it refuses."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made.networks import residual_mlps
from torch import nn

from layeratlas.backends import get_backend
from layeratlas.losses.registry import loss_of
from layeratlas.networks.registry import create_family
from layeratlas.networks.residual_mlp import ResidualMLP
from layeratlas.runs.streams import keys


class PlainResidualMLP(nn.Module):
    """One member, float64: Eq. 12 with nn.Linear and leaky_relu alone."""

    def __init__(self, family: ResidualMLP, theta, member: int, slope: float):
        super().__init__()
        self.slope, self.beta = float(slope), family.branch_scale
        self.linear = nn.ModuleList(
            nn.Linear(a, b) for a, b in itertools.pairwise(family.layer_sizes)
        )
        self.double()
        views = family.parameters.views(theta)
        with torch.no_grad():
            for name, tensor in self.named().items():
                tensor.copy_(torch.as_tensor(views[name][member]))

    def named(self):
        named = {}
        for i, linear in enumerate(self.linear, start=1):
            named |= {f"weight_{i}": linear.weight, f"bias_{i}": linear.bias}
        return named

    def forward(self, x):
        first, *branches, last = self.linear
        features = [x, first(x)]
        for linear in branches:
            f = features[-1]
            branch = nn.functional.leaky_relu(f, self.slope) @ linear.weight.T
            features.append(math.sqrt(1 - self.beta**2) * f + self.beta * branch + linear.bias)
        return [*features, last(features[-1])]


SLOPES = np.array([0.0, 0.3, 1.0])
MEMBERS = {"negative_slope": SLOPES, "dropout": np.zeros(3)}
again = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("on_torch", [False, True], ids=["fused", "torch"])
@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
@again
@given(family=residual_mlps, batch=st.integers(1, 25), seed=st.integers(0, 2**32 - 1))
def test_features_and_gradients_are_those_of_a_plain_network(
    plain_loss, loss, on_torch, family, batch, seed
):
    rng = np.random.default_rng(seed)
    theta, statistics = family.initialize(range(3))
    x = rng.normal(size=(3, batch, family.layer_sizes[0]))
    labels = rng.integers(family.layer_sizes[-1], size=(3, batch))
    b = get_backend("cpu", "float64", torch=on_torch)
    ensemble = family.ensemble(
        b, b.from_numpy(theta), b.from_numpy(statistics), MEMBERS, loss_of({"loss": loss})
    )
    inputs = b.from_numpy(x)
    words = b.keys(keys(range(3), "dropout", 1))
    ensemble.loss_and_gradient(inputs, b.from_numpy(labels), words, 0)
    np.testing.assert_array_equal(b.to_numpy(inputs), x)
    features = list(ensemble.features(b.from_numpy(x[0])))
    assert [f.name for f in features] == list(family.layer_names)
    gradient = family.parameters.views(b.to_numpy(ensemble.gradient))
    for e in range(3):
        network = PlainResidualMLP(family, theta, e, SLOPES[e])
        expected = plain_loss(loss)(network(torch.as_tensor(x[e]))[-1], torch.as_tensor(labels[e]))
        expected.backward()
        assert float(ensemble.loss[e]) == pytest.approx(expected.item(), rel=1e-12)
        for name, tensor in network.named().items():
            np.testing.assert_allclose(gradient[name][e], tensor.grad, rtol=1e-9, atol=1e-13)
        with torch.no_grad():
            plain = network(torch.as_tensor(x[0]))
        for found, wanted in zip(features, plain, strict=True):
            np.testing.assert_allclose(b.to_numpy(found.values)[e], wanted, rtol=1e-11, atol=1e-12)


def test_a_branch_scale_of_one_is_a_multilayer_perceptron_with_a_linear_read_out():
    family = create_family(
        {"family": "residual_mlp", "depth": 3, "width": 4, "branch_scale": 1.0,
         "initialization": "uniform_fan_in"}, (5,), 2,
    )  # fmt: skip
    assert family.shortcut == 0
    assert family.layer_names == ("input", "embedding", "residual_2", "logits")
