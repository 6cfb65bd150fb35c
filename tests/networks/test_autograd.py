"""Ensembles by autograd against the engine's kernels: gradients, training, dropout."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from made.networks import mlps, random_ensemble

from layeratlas.backends import get_backend
from layeratlas.backends.plain import dense
from layeratlas.engine.loop import train_shard
from layeratlas.losses.registry import loss_of
from layeratlas.networks.autograd import AutogradEnsemble, dropout_factors
from layeratlas.networks.mlp import MLP
from layeratlas.networks.mlp_forward import mlp_forward
from layeratlas.networks.registry import create_family
from layeratlas.runs.streams import keys


@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
@settings(max_examples=25)
@given(
    family=mlps,
    batch=st.integers(2, 20),
    rate=st.sampled_from([0.0, 0.3]),
    step=st.integers(0, 4),
    seed=st.integers(0, 1000),
)
def test_gradients_losses_and_statistics_are_the_engines(loss, family, batch, rate, step, seed):
    rng = np.random.default_rng(seed)
    members = {"negative_slope": np.array([0.0, 0.4]), "dropout": np.array([0.0, rate])}
    theta, statistics = random_ensemble(family, 2, seed)
    x = rng.normal(size=(2, batch, family.layer_sizes[0]))
    labels = rng.integers(family.layer_sizes[-1], size=(2, batch))
    words = keys([1, 2], "dropout", 1)
    cpu, torch_cpu = get_backend("cpu", "float64"), get_backend("cpu", "float64", torch=True)
    engine = family.ensemble(cpu, theta.copy(), statistics.copy(), members, loss_of({"loss": loss}))
    engine.loss_and_gradient(x.copy(), labels, cpu.keys(words), step)
    given_ = (torch_cpu.from_numpy(theta), torch_cpu.from_numpy(statistics))
    twin = AutogradEnsemble(
        family, mlp_forward, torch_cpu, *given_, members, loss_of({"loss": loss})
    )
    twin.loss_and_gradient(
        torch_cpu.from_numpy(x), torch_cpu.from_numpy(labels), torch_cpu.keys(words), step
    )
    np.testing.assert_allclose(twin.loss, engine.loss, rtol=1e-11)
    size = np.linalg.norm(engine.gradient) + 1e-12
    assert np.linalg.norm(twin.gradient.numpy() - engine.gradient) < 1e-9 * size
    np.testing.assert_allclose(twin.statistics, engine.statistics, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    "model",
    [
        {"family": "mlp", "depth": 3, "width": 4, "batch_norm": False, "bias": False},
        {"family": "mlp", "depth": 3, "width": 4, "batch_norm": True, "bias": False},
        {"family": "mlp", "depth": 1, "width": 4, "batch_norm": True, "output_bias": False},
        {"family": "mlp", "depth": 2, "width": 4, "batch_norm": False, "output_bias": False},
        {"family": "residual_mlp", "depth": 4, "width": 5, "branch_scale": 0.4, "bias": False},
        {"family": "residual_mlp", "depth": 3, "width": 5, "branch_scale": 0.4, "bias": False,
         "output_bias": True},
    ],
    ids=str,
)  # fmt: skip
def test_kernels_without_biases_are_autograds(model):
    """The kernels are given zeros for the biases that the network lacks."""
    family = create_family({**model, "initialization": "kaiming_normal"}, (6,), 3)
    members = {"negative_slope": np.array([0.0, 0.4]), "dropout": np.zeros(2)}
    theta, statistics = random_ensemble(family, 2, 0)
    assert not [t.name for t in family.parameters.tensors if t.name in family.without_bias()]
    x = np.random.default_rng(0).normal(size=(2, 9, 6))
    labels = np.random.default_rng(0).integers(3, size=(2, 9))
    backend = get_backend("cpu", "float64", torch=True)
    made = [family.ensemble, family.by_autograd]
    loss, words = loss_of({"loss": "cross_entropy"}), backend.keys(keys([1, 2], "dropout", 1))
    found = []
    for make in made:
        start = backend.from_numpy(theta.copy()), backend.from_numpy(statistics.copy())
        ensemble = make(backend, *start, members, loss)
        ensemble.loss_and_gradient(
            backend.from_numpy(x.copy()), backend.from_numpy(labels), words, 0
        )
        again = [f.values.numpy() for f in ensemble.features(backend.from_numpy(x[0]))]
        found.append((ensemble.loss.numpy(), ensemble.gradient.numpy(), again))
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-11)
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-9, atol=1e-11)
    for one, other in zip(found[0][2], found[1][2], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-11)


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
    fused = train_shard(plan, images, labels, n_outputs=3, backend=get_backend("cpu", "float64"))

    def ensemble(self, *arguments):
        return AutogradEnsemble(self, mlp_forward, *arguments)

    monkeypatch.setattr(MLP, "ensemble", ensemble)
    backend = get_backend("cpu", "float64", torch=True)
    twin = train_shard(plan, images, labels, n_outputs=3, backend=backend)
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
    dense.bias_activation_forward(ones, zero, one, rate, words, 5)
    assert torch.equal(factors.flatten(1), ones.flatten(1))
    assert set(factors[0].unique().tolist()) <= {0.0, float(torch.tensor(4 / 3, dtype=ones.dtype))}
    assert (factors[1] == 1).all()
    alone = dropout_factors(backend, rate[2:], words[2:], 5, shape)
    assert torch.equal(alone[0], factors[2])
