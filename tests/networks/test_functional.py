"""Forwards in plain torch against the engine's kernels, features, gradients and training."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from layeratlas.backends import get_backend
from layeratlas.engine.loop import train_shard
from layeratlas.networks.autograd import AutogradEnsemble, dropout_factors
from layeratlas.networks.functional import mean_loss, member_loss, mlp_forward
from layeratlas.networks.mlp import MLP
from layeratlas.networks.registry import FAMILIES, FORWARDS, load_forward, needs_torch
from layeratlas.runs.streams import keys

MODES = ("running_statistics", "batch_statistics")


def random_ensemble(family, members: int, seed: int):
    """Weights, scales, shifts and running statistics away from their initial values."""
    rng = np.random.default_rng(seed)
    theta, statistics = family.initialize(range(members))
    for name, view in family.parameters.views(theta).items():
        if not name.startswith("weight"):
            view += 0.3 * rng.normal(size=view.shape)
    for view in family.statistics.views(statistics).values():
        view += rng.uniform(0.0, 0.5, size=view.shape)
    return theta, statistics


networks = st.builds(
    MLP,
    depth=st.integers(1, 4),
    width=st.integers(1, 9),
    n_features=st.integers(1, 7),
    n_classes=st.integers(2, 5),
    batch_norm=st.booleans(),
)


@settings(max_examples=30)
@given(family=networks, batch=st.integers(2, 20), seed=st.integers(0, 1000))
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


@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
@settings(max_examples=25)
@given(
    family=networks,
    batch=st.integers(2, 20),
    rate=st.sampled_from([0.0, 0.3]),
    step=st.integers(0, 4),
    seed=st.integers(0, 1000),
)
def test_gradients_losses_and_statistics_are_the_engines(loss, family, batch, rate, step, seed):
    rng = np.random.default_rng(seed)
    members = {"negative_slope": np.array([0.0, 0.4]), "dropout": np.array([rate, 0.0])}
    theta, statistics = random_ensemble(family, 2, seed)
    x = rng.normal(size=(2, batch, family.layer_sizes[0]))
    labels = rng.integers(family.layer_sizes[-1], size=(2, batch))
    words = keys([1, 2], "dropout", 1)
    cpu, torch_cpu = get_backend("cpu", "float64"), get_backend("cpu", "float64", torch=True)
    engine = family.ensemble(cpu, theta.copy(), statistics.copy(), members, loss)
    engine.loss_and_gradient(x.copy(), labels, cpu.keys(words), step)
    given_ = (torch_cpu.from_numpy(theta), torch_cpu.from_numpy(statistics))
    twin = AutogradEnsemble(family, mlp_forward, torch_cpu, *given_, members, loss)
    twin.loss_and_gradient(
        torch_cpu.from_numpy(x), torch_cpu.from_numpy(labels), torch_cpu.keys(words), step
    )
    np.testing.assert_allclose(twin.loss, engine.loss, rtol=1e-11)
    size = np.linalg.norm(engine.gradient) + 1e-12
    assert np.linalg.norm(twin.gradient.numpy() - engine.gradient) < 1e-9 * size
    np.testing.assert_allclose(twin.statistics, engine.statistics, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("batch_norm", [True, False])
def test_autograd_trains_the_engines_networks(monkeypatch, make_plan, clouds, batch_norm):
    """Minibatches, input and label noise, dropout and Adam: only rounding differs."""
    images, labels = clouds(n=50, d=7)
    plan = make_plan(
        2,
        model={"batch_norm": batch_norm},
        training={"epochs": 4},
        dropout=(0.2, 0.0),
        input_noise=(0.0, 0.1),
        label_noise=0.1,
    )
    fused = train_shard(plan, images, labels, n_classes=3, backend=get_backend("cpu", "float64"))

    def ensemble(self, *arguments):
        return AutogradEnsemble(self, mlp_forward, *arguments)

    monkeypatch.setattr(MLP, "ensemble", ensemble)
    backend = get_backend("cpu", "float64", torch=True)
    twin = train_shard(plan, images, labels, n_classes=3, backend=backend)
    np.testing.assert_allclose(twin.train_loss, fused.train_loss, rtol=1e-6)
    np.testing.assert_allclose(twin.theta, fused.theta, atol=1e-6)
    np.testing.assert_allclose(twin.statistics, fused.statistics, atol=1e-6)


@pytest.mark.parametrize("shape", [(5,), (6, 7), (3, 2, 2, 5)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dropout_factors_are_the_engines_words(shape, dtype):
    """The fused kernel's draw is torch's, zero or 1/(1 − p) and nothing else, a member its own."""
    backend = get_backend("cpu", dtype, torch=True)
    rate, words = backend.vector([0.25, 0.0, 0.5]), backend.keys(keys([1, 2, 3], "dropout", 4))
    factors = dropout_factors(backend, rate, words, 5, shape)
    ones = backend.full((3, shape[0], int(np.prod(shape[1:]))), 1.0)
    zero, one = backend.zeros(3, ones.shape[2]), torch.ones_like(rate)
    backend.bias_activation_forward(ones, zero, one, rate, words, 5)
    assert torch.equal(factors.flatten(1), ones.flatten(1))
    assert set(factors[0].unique().tolist()) <= {0.0, float(torch.tensor(4 / 3, dtype=ones.dtype))}
    assert (factors[1] == 1).all()
    alone = dropout_factors(backend, rate[2:], words[2:], 5, shape)
    assert torch.equal(alone[0], factors[2])


@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
def test_losses_are_torchs_own(loss, plain_loss):
    rng = torch.Generator().manual_seed(0)
    logits = torch.randn(3, 8, 4, generator=rng, dtype=torch.float64)
    labels = torch.randint(4, (3, 8), generator=rng)
    expected = [plain_loss(loss)(z, y) for z, y in zip(logits, labels, strict=True)]
    torch.testing.assert_close(mean_loss(logits, labels, loss), torch.stack(expected))


def test_member_loss_is_the_loss_of_the_logits_at_the_network():
    family = MLP(depth=3, width=4, n_features=5, n_classes=3, batch_norm=True)
    theta, statistics = random_ensemble(family, 1, 0)
    backend = get_backend("cpu", "float64")
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(9, 5)), rng.integers(3, size=9)
    members = {"negative_slope": np.array([0.2]), "dropout": np.array([0.5])}
    *_, last = family.ensemble(backend, theta, statistics, members, "cross_entropy").features(x)
    function, point = member_loss(
        family,
        torch.as_tensor(theta[0]),
        torch.as_tensor(statistics[0]),
        {"negative_slope": torch.tensor([0.2], dtype=torch.float64)},
        torch.as_tensor(x),
        torch.as_tensor(labels),
        "cross_entropy",
        forward=mlp_forward,
    )
    expected = torch.nn.functional.cross_entropy(
        torch.as_tensor(last.values[0]), torch.as_tensor(labels)
    )
    assert point.shape == (family.parameters.size,)
    torch.testing.assert_close(function(point), expected)


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


def test_every_family_has_a_forward_and_says_what_it_runs_on():
    assert set(FORWARDS) == set(FAMILIES)
    assert {name: needs_torch({"family": name}) for name in FAMILIES} == {
        "mlp": False,
        "resnet": False,
        "cnn": True,
    }
    assert all(callable(load_forward(name)) for name in FORWARDS)
