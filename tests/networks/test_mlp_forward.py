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
    engine = family.ensemble(get_backend("cpu", "float64"), theta, statistics, members, None)
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


@pytest.mark.parametrize("batch_norm", [True, False])
def test_features_are_shown_before_dropout(batch_norm):
    """A feature is what a layer makes; what is dropped of it reaches the next layer."""
    family = MLP(depth=3, width=4, n_features=3, n_classes=2, batch_norm=batch_norm)
    given = [torch.as_tensor(array) for array in random_ensemble(family, 2, 0)]
    views = family.parameters.views(given[0]), family.statistics.views(given[1])
    x = torch.randn(2, 6, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    slopes = {"negative_slope": torch.tensor([0.0, 0.5]).double()}
    asked = []

    def nothing_is_left(layer, shape):
        asked.append((layer, shape))
        return torch.zeros(2, *shape, dtype=torch.float64)

    whole, _ = mlp_forward(family, *views, x, slopes, "running_statistics")
    dropped, _ = mlp_forward(family, *views, x, slopes, "running_statistics", nothing_is_left)
    assert asked == [(1, (6, 4)), (2, (6, 4))]
    assert torch.equal(dropped[1], whole[1])
    # Behind dropout of everything each sample has the same features.
    assert torch.equal(dropped[2], dropped[2][:, :1].expand_as(dropped[2]))
    torch.testing.assert_close(dropped[3], views[0]["bias_3"][:, None].expand(2, 6, 2))


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
