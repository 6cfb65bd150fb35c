"""Forward features: of one member as of many, on either backend, weights untouched."""

from __future__ import annotations

import numpy as np
import pytest
from made.networks import MODES, random_ensemble

from layeratlas.backends import get_backend
from layeratlas.networks.mlp import MLP
from layeratlas.signals.network import Network, Trained

SLOPES = np.array([0.0, 0.1, 0.5, 1.0])


@pytest.mark.parametrize("torch", [False, True], ids=["fused", "torch"])
@pytest.mark.parametrize("batch_norm", [True, False], ids=["batch norm", "no batch norm"])
def test_features_of_several_members_are_those_of_each(make_plan, torch, batch_norm):
    family = MLP(depth=4, width=6, n_features=8, n_classes=3, batch_norm=batch_norm)
    backend = get_backend("cpu", "float64", torch=torch)
    theta, statistics = random_ensemble(family, 4, 0)
    members = {"negative_slope": tuple(SLOPES), "dropout": (0.0, 0.0, 0.4, 0.2)}
    images = np.random.default_rng(0).normal(size=(50, 8))
    given = [array.copy() for array in (theta, statistics, images)]

    trained = Trained(make_plan(4, **members), family, backend)

    def features(rows, mode):
        network = Network(trained, np.array(rows), theta[rows], statistics[rows])
        return [backend.to_numpy(layer.values) for layer in network.features(images, mode)]

    some = [0, 2, 3]
    for mode in MODES if batch_norm else MODES[:1]:
        together = features(some, mode)
        assert [h.shape for h in together] == [(3, 50, d) for d in family.layer_sizes]
        for i, run in enumerate(some):
            for a, b in zip(together, features([run], mode), strict=True):
                np.testing.assert_allclose(a[[i]], b, rtol=1e-12, atol=1e-12)
    for array, before in zip((theta, statistics, images), given, strict=True):
        np.testing.assert_array_equal(array, before)


def test_features_are_by_default_those_of_evaluation_mode(make_plan):
    """Running statistics, as every framework evaluates."""
    family = MLP(depth=3, width=5, n_features=4, n_classes=3, batch_norm=True)
    backend = get_backend("cpu", "float64")
    weights = random_ensemble(family, 1, 0)
    trained = Trained(make_plan(1), family, backend)
    network = Network(trained, np.arange(1), *weights)
    images = np.random.default_rng(0).normal(size=(20, 4))
    default, running, batch = (
        [layer.values for layer in network.features(images, *mode)]
        for mode in ((), MODES[:1], MODES[1:])
    )
    for a, b, c in zip(default, running, batch, strict=True):
        np.testing.assert_array_equal(a, b)
        assert not np.allclose(a, c)
