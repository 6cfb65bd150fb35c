"""The pieces of forwards, and the loss as a function of all parameters."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made.networks import random_ensemble

from layeratlas.backends import get_backend
from layeratlas.losses.registry import loss_of
from layeratlas.networks.activations.functions import leaky_relu
from layeratlas.networks.functional import (
    apart,
    mean_loss,
    member_loss,
    read_out,
    side_by_side,
)
from layeratlas.networks.mlp import MLP
from layeratlas.networks.mlp_forward import mlp_forward


@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
def test_losses_are_torchs_own(loss, plain_loss):
    rng = torch.Generator().manual_seed(0)
    logits = torch.randn(3, 8, 4, generator=rng, dtype=torch.float64)
    labels = torch.randint(4, (3, 8), generator=rng)
    expected = [plain_loss(loss)(z, y) for z, y in zip(logits, labels, strict=True)]
    torch.testing.assert_close(
        mean_loss(logits, labels, loss_of({"loss": loss})), torch.stack(expected)
    )


def test_member_loss_is_the_loss_of_the_logits_at_the_network():
    family = MLP(depth=3, width=4, n_features=5, n_classes=3, batch_norm=True)
    theta, statistics = random_ensemble(family, 1, 0)
    backend = get_backend("cpu", "float64")
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(9, 5)), rng.integers(3, size=9)
    members = {"negative_slope": np.array([0.2]), "dropout": np.array([0.5])}
    *_, last = family.ensemble(backend, theta, statistics, members, None).features(x)
    function, point = member_loss(
        family,
        torch.as_tensor(theta[0]),
        torch.as_tensor(statistics[0]),
        {"negative_slope": torch.tensor([0.2], dtype=torch.float64)},
        torch.as_tensor(x),
        torch.as_tensor(labels),
        loss_of({"loss": "cross_entropy"}),
        forward=mlp_forward,
    )
    expected = torch.nn.functional.cross_entropy(
        torch.as_tensor(last.values[0]), torch.as_tensor(labels)
    )
    assert point.shape == (family.parameters.size,)
    torch.testing.assert_close(function(point), expected)


def test_side_by_side_and_apart_are_inverse():
    x = torch.arange(2 * 3 * 4.0).reshape(2, 3, 4)
    assert torch.equal(apart(side_by_side(x), 2), x)
    images = torch.arange(2 * 3 * 4 * 5.0).reshape(2, 3, 4, 5)
    assert torch.equal(apart(side_by_side(images), 2), images.flatten(2))


@pytest.mark.parametrize("slopes", [[0.3], [0.0, 1.0]])
def test_every_member_has_its_own_slope(slopes):
    x = torch.linspace(-1, 1, len(slopes) * 10, dtype=torch.float64).reshape(len(slopes), 2, 5)
    slope = torch.tensor(slopes, dtype=torch.float64)
    expected = torch.where(x > 0, x, slope[:, None, None] * x)
    torch.testing.assert_close(apart(leaky_relu(side_by_side(x), slope), len(slopes)), expected)


def test_read_out_is_an_affine_map():
    rng = torch.Generator().manual_seed(0)
    h = torch.randn(2, 5, 3, generator=rng)
    named = {"weight_2": torch.randn(2, 4, 3, generator=rng), "bias_2": torch.ones(2, 4)}
    expected = torch.einsum("esi,eoi->eso", h, named["weight_2"]) + 1
    torch.testing.assert_close(read_out(h, 2, named), expected)
