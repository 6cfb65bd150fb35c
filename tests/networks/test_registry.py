"""Every family is found by name, with its forward."""

from __future__ import annotations

import numpy as np
import pytest
from made.networks import MODES, random_ensemble

from layeratlas.backends import get_backend
from layeratlas.losses.registry import loss_of
from layeratlas.networks.registry import (
    FAMILIES,
    create_family,
    load_forward,
    needs_torch,
)
from layeratlas.networks.settings import BlockCNNSettings, MLPSettings, ResidualMLPSettings
from layeratlas.runs.streams import keys


def test_every_family_has_a_forward_and_says_what_it_runs_on():
    assert {name: needs_torch({"family": name}) for name in FAMILIES} == {
        "mlp": False,
        "residual_mlp": False,
        "block_cnn": True,
        "module": True,
    }
    assert all(callable(load_forward(name)) for name in FAMILIES)


@pytest.mark.parametrize(
    "settings", [MLPSettings(depth=3), ResidualMLPSettings(depth=4), BlockCNNSettings()]
)
def test_resolved_settings_make_their_family(settings):
    resolved = settings.model_dump()
    if settings.family == "residual_mlp":
        resolved["branch_scale"] = settings.resolved_branch_scale
    family = create_family(resolved, (3, 4, 4), 5)
    assert type(family).__module__ == FAMILIES[settings.family].family.partition(":")[0]
    assert (
        load_forward(settings.family).__module__
        == FAMILIES[settings.family].forward.partition(":")[0]
    )
    assert family.layer_sizes[0] == 3 * 4 * 4 and family.layer_sizes[-1] == 5
    assert len(family.layer_names) == len(family.layer_sizes) == settings.depth + 1


# --- what every family promises ------------------------------------------------------------------
SIZES = {"input_shape": (2, 4, 4), "n_outputs": 3}
MEMBERS = {"negative_slope": np.array([0.0, 0.3]), "dropout": np.array([0.0, 0.4])}
SETTINGS = [
    {"family": "mlp", "depth": 4, "width": 6, "batch_norm": True},
    {"family": "mlp", "depth": 4, "width": 6, "batch_norm": False},
    {"family": "residual_mlp", "depth": 4, "width": 6, "branch_scale": 0.5},
    {"family": "block_cnn", "depth": 3, "channels": 2, "batch_norm": True},
    {"family": "block_cnn", "depth": 3, "channels": 2, "batch_norm": False},
    {"family": "mlp", "depth": 3, "width": 6, "batch_norm": True, "activation": "tanh"},
    {"family": "mlp", "depth": 4, "width": 6, "batch_norm": True, "bias": False},
]


@pytest.fixture(params=[False, True], ids=["fused", "torch"])
def made(request):
    """`made(settings, members)`: an ensemble that took a step, what it took it on, its backend."""

    def ensemble(settings, members=MEMBERS):
        if needs_torch(settings) and not request.param:
            pytest.skip("runs on the torch backend only")
        backend = get_backend("cpu", "float64", torch=request.param)
        family = create_family({**settings, "initialization": "uniform_fan_in"}, **SIZES)
        theta, statistics = (backend.from_numpy(a) for a in random_ensemble(family, 2, 0))
        found = family.ensemble(
            backend, theta, statistics, members, loss_of({"loss": "cross_entropy"})
        )
        return found, backend

    return ensemble


def step(ensemble, backend, number: int):
    """Loss and gradient of a minibatch, always the same, as the `number`-th of an epoch."""
    rng = np.random.default_rng(1)
    x, labels = rng.normal(size=(2, 10, 32)), rng.integers(3, size=(2, 10))
    words = backend.keys(keys([5, 6], "dropout", 1))
    ensemble.loss_and_gradient(backend.from_numpy(x), backend.from_numpy(labels), words, number)
    return backend.to_numpy(ensemble.gradient), backend.to_numpy(ensemble.loss)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("mode", MODES)
def test_an_evaluation_leaves_everything_as_it_was(made, settings, mode):
    """Weights, running statistics, gradient, loss and images, bit by bit; and the next step."""
    ensemble, backend = made(settings)
    step(ensemble, backend, 0)
    images = np.random.default_rng(2).normal(size=(7, 32))
    placed = backend.from_numpy(images)
    names = ("theta", "statistics", "gradient", "loss")
    before = {name: backend.to_numpy(getattr(ensemble, name)) for name in names}
    features = [backend.to_numpy(f.values) for f in ensemble.features(placed, mode)]
    for name, array in before.items():
        np.testing.assert_array_equal(backend.to_numpy(getattr(ensemble, name)), array, name)
    np.testing.assert_array_equal(backend.to_numpy(placed), images)
    for found, again in zip(features, ensemble.features(placed, mode), strict=True):
        np.testing.assert_array_equal(found, backend.to_numpy(again.values))
    without, _ = made(settings)
    step(without, backend, 0)
    for found, expected in zip(step(ensemble, backend, 1), step(without, backend, 1), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_an_evaluation_knows_no_dropout(made, settings):
    ensemble, backend = made(settings)
    dry, _ = made(settings, MEMBERS | {"dropout": np.zeros(2)})
    images = backend.from_numpy(np.random.default_rng(2).normal(size=(7, 32)))
    for mode in MODES:
        for one, other in zip(
            ensemble.features(images, mode), dry.features(images, mode), strict=True
        ):
            np.testing.assert_array_equal(
                backend.to_numpy(one.values), backend.to_numpy(other.values)
            )


@pytest.mark.parametrize(
    "settings", [s for s in SETTINGS if s["family"] != "residual_mlp"], ids=str
)
def test_every_minibatch_of_an_epoch_has_dropout_of_its_own(made, settings):
    """The same images and weights: a member's gradient differs by its mask alone."""
    ensemble, backend = made(settings)
    gradients = [step(ensemble, backend, number)[0] for number in (0, 1, 2, 0)]
    np.testing.assert_array_equal(gradients[3], gradients[0])
    for i, j in ((0, 1), (0, 2), (1, 2)):
        np.testing.assert_array_equal(gradients[i][0], gradients[j][0])
        assert (gradients[i][1] != gradients[j][1]).any()
