"""The ResNet's forward in torch against the engine's kernels."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from made.networks import residual_mlps

from layeratlas.backends import get_backend
from layeratlas.networks.residual_mlp_forward import residual_mlp_forward

SLOPES = np.array([0.0, 0.3, 1.0])
MEMBERS = {"negative_slope": SLOPES, "dropout": np.zeros(3)}


@settings(max_examples=40)
@given(family=residual_mlps, batch=st.integers(1, 9), seed=st.integers(0, 1000))
def test_the_forward_in_torch_is_the_engines(family, batch, seed):
    theta, statistics = family.initialize(range(3))
    x = np.random.default_rng(seed).normal(size=(batch, family.layer_sizes[0]))
    engine = family.ensemble(get_backend("cpu", "float64"), theta, statistics, MEMBERS, None)
    features, _ = residual_mlp_forward(
        family,
        family.parameters.views(torch.as_tensor(theta)),
        family.statistics.views(torch.as_tensor(statistics)),
        torch.as_tensor(x).expand(3, *x.shape),
        {"negative_slope": torch.as_tensor(SLOPES)},
        "running_statistics",
    )
    for found, expected in zip(features, engine.features(x), strict=True):
        np.testing.assert_allclose(found, expected.values, rtol=1e-11, atol=1e-12)
