"""The frameworks' default: bounds, spread, and torch's own distribution."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import stats

from layeratlas.networks.initialization.uniform_fan_in import uniform_fan_in
from layeratlas.networks.layout import ParameterTensor
from layeratlas.networks.mlp import MLP
from layeratlas.networks.registry import create_family
from layeratlas.networks.settings import MLPSettings


@pytest.fixture(scope="module")
def reference() -> MLP:
    """The paper's network, §2.2 of its specification."""
    return create_family(MLPSettings().model_dump(), (100,), 10)


def test_default_initialisation_is_the_frameworks(reference):
    theta, statistics = reference.initialize(range(20))
    torch.manual_seed(0)
    views = reference.parameters.views(theta)
    for name, bound in (("weight_1", 0.1), ("weight_8", 0.1), ("bias_3", 0.1)):
        values = views[name].ravel()
        assert np.abs(values).max() <= bound
        assert abs(values.var() / (bound**2 / 3) - 1) < 5 * math.sqrt(0.8 / values.size)
        layers = [torch.nn.Linear(100, views[name].shape[1]) for _ in range(20)]
        kind = name.partition("_")[0]
        torchs = np.concatenate([getattr(m, kind).detach().numpy().ravel() for m in layers])
        assert stats.ks_2samp(values, torchs).pvalue > 1e-3
    for layer in range(8):
        assert (views[f"scale_{layer}"] == 1).all() and (views[f"shift_{layer}"] == 0).all()
    running = reference.statistics.views(statistics)
    for layer in range(8):
        assert (running[f"running_mean_{layer}"] == 0).all()
        assert (running[f"running_var_{layer}"] == 1).all()


def test_bounds_follow_the_fan_in():
    family = MLP(depth=3, width=25, n_features=400, n_classes=7, batch_norm=False)
    views = family.parameters.views(family.initialize([0])[0])
    for layer, fan_in in ((1, 400), (2, 25), (3, 25)):
        largest = np.abs(views[f"weight_{layer}"]).max()
        assert 0.9 < largest * math.sqrt(fan_in) <= 1


def test_a_gain_widens_the_bound():
    tensor = ParameterTensor("weight_1", (40, 30), "weight", 1)
    plain, wide = (
        uniform_fan_in(np.random.default_rng(0), tensor, 30, gain=gain) for gain in (1.0, 2.0)
    )
    np.testing.assert_allclose(wide, 2 * plain)
    np.testing.assert_array_equal(plain, uniform_fan_in(np.random.default_rng(0), tensor, 30))
