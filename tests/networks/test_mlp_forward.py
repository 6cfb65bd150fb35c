"""The MLP's forward in torch against the engine's kernels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from made.networks import MODES, mlps, random_ensemble

from layeratlas.backends import get_backend
from layeratlas.networks.mlp import MLP
from layeratlas.networks.mlp_forward import mlp_forward


@settings(max_examples=30)
@given(family=mlps, batch=st.integers(2, 20), seed=st.integers(0, 1000))
def test_features_are_the_engines(family, batch, seed):
    slopes = np.array([0.0, 0.3, 1.0])
    theta, statistics = random_ensemble(family, 3, seed)
    x = np.random.default_rng(seed).normal(size=(batch, family.layer_sizes[0]))
    members = {"negative_slope": slopes, "dropout": np.zeros(3)}
    engine = family.ensemble(
        get_backend("cpu", "float64"), theta, statistics, members, "cross_entropy"
    )
    named = family.parameters.views(torch.as_tensor(theta))
    running = family.statistics.views(torch.as_tensor(statistics))
    inputs = torch.as_tensor(x).expand(3, *x.shape)
    for mode in MODES if family.has_batch_norm else MODES[:1]:
        features, updated = mlp_forward(
            family, named, running, inputs, {"negative_slope": torch.as_tensor(slopes)}, mode
        )
        for found, expected in zip(features, engine.features(x, mode), strict=True):
            np.testing.assert_allclose(found, expected.values, rtol=1e-10, atol=1e-11)
        for name, values in updated.items():
            moved = not torch.equal(values, running[name])
            assert moved == (mode == "batch_statistics"), name


def test_an_unknown_mode_is_refused():
    family = MLP(depth=2, width=3, n_features=2, n_classes=2, batch_norm=True)
    theta, statistics = family.initialize([1])
    with pytest.raises(ValueError, match="unknown batch-norm mode 'training'"):
        mlp_forward(
            family,
            family.parameters.views(torch.as_tensor(theta)),
            family.statistics.views(torch.as_tensor(statistics)),
            torch.zeros(1, 4, 2, dtype=torch.float64),
            {"negative_slope": torch.zeros(1)},
            "training",
        )
