"""Signals of single images, as the family gives them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made.networks import MODES, random_ensemble

from layeratlas.backends import get_backend
from layeratlas.networks.mlp import MLP
from layeratlas.signals import forward
from layeratlas.signals.network import Network, Trained
from layeratlas.signals.views import Seen, View


@pytest.mark.parametrize("on_torch", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_features_follow_the_mode_of_the_view(make_plan, on_torch, mode):
    family = MLP(depth=3, width=4, n_features=5, n_classes=3, batch_norm=True)
    backend = get_backend("cpu", "float64", torch=on_torch)
    network = Network(
        Trained(make_plan(2), family, backend), np.arange(2), *random_ensemble(family, 2, 0)
    )
    seen = Seen(View(batch_norm=mode), np.random.default_rng(0).normal(size=(9, 5)), np.arange(9))
    for found, layer in zip(
        forward.features(network, seen), network.features(seen.x, mode), strict=True
    ):
        np.testing.assert_array_equal(backend.to_numpy(found), backend.to_numpy(layer.values))
    targets = forward.targets(network, seen)
    assert isinstance(targets, torch.Tensor) == on_torch
    np.testing.assert_array_equal(backend.to_numpy(targets), np.arange(9))
