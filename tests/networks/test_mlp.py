"""The hand-written backward pass against autograd, initial weights, and the layout."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made.networks import MODES, mlps, random_ensemble

from layeratlas.backends import get_backend
from layeratlas.backends.dense import dense_kernels
from layeratlas.losses.registry import loss_of
from layeratlas.networks.mlp import MLP
from layeratlas.networks.registry import create_family
from layeratlas.networks.settings import MLPSettings
from layeratlas.runs.streams import keys


def random_weights(family: MLP, members: int, rng) -> tuple[np.ndarray, np.ndarray]:
    """Weights, scales and shifts away from their initial values."""
    theta, statistics = family.initialize(range(members))
    for name, view in family.parameters.views(theta).items():
        if name.startswith(("scale", "shift", "bias")):
            view += 0.3 * rng.normal(size=view.shape)
    return theta, statistics


def dropout_masks(backend, family, batch: int, dropout, words, step: int) -> list[np.ndarray]:
    """The engine's own masks, by layer: dropout of a layer of ones."""
    masks = [None]
    for layer in range(1, family.depth):
        ones = np.ones((len(dropout), batch, family.layer_sizes[layer]))
        zero = np.zeros((len(dropout), family.layer_sizes[layer]))
        dense_kernels(backend).bias_activation_forward(
            ones, zero, np.ones(len(dropout)), dropout, words, step * (family.depth + 1) + layer
        )
        masks.append(ones)
    return masks


@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    depth=st.integers(1, 5),
    width=st.integers(1, 12),
    sizes=st.tuples(st.integers(1, 9), st.integers(2, 5)),
    batch=st.integers(2, 25),
    batch_norm=st.booleans(),
    dropout=st.sampled_from([0.0, 0.3]),
    step=st.integers(0, 5),
    seed=st.integers(0, 2**32 - 1),
)
def test_gradient_is_that_of_autograd(
    plain_network, plain_loss, loss, depth, width, sizes, batch, batch_norm, dropout, step, seed
):
    rng = np.random.default_rng(seed)
    n_features, n_classes = sizes
    family = MLP(
        depth=depth,
        width=width,
        n_features=n_features,
        n_classes=n_classes,
        batch_norm=batch_norm,
    )
    slopes = np.array([0.0, 0.3, 1.0])
    members = len(slopes)
    theta, statistics = random_weights(family, members, rng)
    x = rng.normal(size=(members, batch, n_features))
    labels = rng.integers(n_classes, size=(members, batch))
    backend = get_backend("cpu", "float64")
    rates = np.array([dropout, 0.0, dropout])
    words = backend.keys(keys(range(members), "dropout", 1))
    masks = dropout_masks(backend, family, batch, rates, words, step)
    ensemble = family.ensemble(
        backend,
        theta.copy(),
        statistics.copy(),
        {"negative_slope": slopes, "dropout": rates},
        loss_of({"loss": loss}),
    )
    ensemble.loss_and_gradient(x.copy(), labels, words, step)

    gradient = family.parameters.views(ensemble.gradient)
    running = family.statistics.views(ensemble.statistics)
    for e in range(members):
        network = plain_network(family, theta, statistics, e, slopes[e])
        of_member = [None if m is None else torch.as_tensor(m[e]) for m in masks]
        logits = network(torch.as_tensor(x[e]), of_member)[-1]
        expected = plain_loss(loss)(logits, torch.as_tensor(labels[e]))
        expected.backward()
        np.testing.assert_allclose(ensemble.loss[e], expected.item(), rtol=1e-12)
        named = network.named()
        # A dead or collapsed layer may leave next to nothing; judge by the whole gradient then.
        norm = math.sqrt(sum(float(t.grad.square().sum()) for t in named.values() if t.is_leaf
                             and t.grad is not None))  # fmt: skip
        for name, tensor in named.items():
            if name in running:
                np.testing.assert_allclose(running[name][e], tensor.numpy(), rtol=1e-10, atol=1e-13)
                continue
            error = np.linalg.norm(gradient[name][e] - tensor.grad.numpy())
            assert error <= 1e-10 * max(norm, 1e-12), name


@pytest.mark.parametrize("on_torch", [False, True], ids=["fused", "torch"])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(family=mlps, batch=st.integers(2, 20), seed=st.integers(0, 1000))
def test_features_are_those_of_a_plain_network(plain_network, on_torch, family, batch, seed):
    """Evaluation mode, and batch norm by the probe set's own statistics."""
    slopes = np.array([0.0, 0.3, 1.0])
    theta, statistics = random_ensemble(family, 3, seed)
    x = np.random.default_rng(seed).normal(size=(batch, family.layer_sizes[0]))
    b = get_backend("cpu", "float64", torch=on_torch)
    members = {"negative_slope": slopes, "dropout": np.full(3, 0.5)}
    ensemble = family.ensemble(
        b,
        b.from_numpy(theta),
        b.from_numpy(statistics),
        members,
        loss_of({"loss": "cross_entropy"}),
    )
    for mode in MODES if family.has_batch_norm else MODES[:1]:
        found = [b.to_numpy(f.values) for f in ensemble.features(b.from_numpy(x), mode)]
        for e, slope in enumerate(slopes):
            network = plain_network(family, theta, statistics, e, slope)
            network.train(mode == "batch_statistics")
            with torch.no_grad():
                for got, want in zip(found, network(torch.as_tensor(x)), strict=True):
                    np.testing.assert_allclose(got[e], want, rtol=1e-10, atol=1e-11)


def test_biases_that_batch_norm_cancels_get_no_gradient():
    family = MLP(depth=3, width=4, n_features=5, n_classes=2, batch_norm=True)
    backend = get_backend("cpu", "float64")
    rng = np.random.default_rng(0)
    ensemble = family.ensemble(
        backend,
        *random_weights(family, 1, rng),
        {"negative_slope": np.zeros(1), "dropout": np.zeros(1)},
        loss_of({"loss": "cross_entropy"}),
    )
    words = backend.keys(keys([1], "dropout", 1))
    ensemble.loss_and_gradient(rng.normal(size=(1, 8, 5)), np.ones((1, 8), int), words, 0)
    gradient = family.parameters.views(ensemble.gradient)
    for name in ("bias_1", "bias_2", "shift_0"):
        assert (gradient[name] == 0).all()
    assert (gradient["bias_3"] != 0).all()


def test_each_layer_and_step_has_a_dropout_stream_of_its_own(monkeypatch):
    family = MLP(depth=4, width=3, n_features=3, n_classes=2, batch_norm=False)
    backend = get_backend("cpu", "float64")
    kernels = dense_kernels(backend)
    seen, forward = [], kernels.bias_activation_forward
    monkeypatch.setattr(
        kernels, "bias_activation_forward", lambda *a: (seen.append(a[-1]), forward(*a))
    )
    vectors = {"negative_slope": np.zeros(1), "dropout": np.full(1, 0.5)}
    ensemble = family.ensemble(
        backend, *family.initialize([1]), vectors, loss_of({"loss": "cross_entropy"})
    )
    for step in range(5):
        ensemble.loss_and_gradient(
            np.ones((1, 2, 3)), np.zeros((1, 2), int), backend.keys(keys([1], "dropout")), step
        )
    assert len(seen) == 15 == len(set(seen))


# --- what is allowed ---------------------------------------------------------------------------


def test_unknown_batch_norm_mode_is_refused():
    family = MLP(depth=2, width=3, n_features=3, n_classes=2, batch_norm=True)
    backend = get_backend("cpu", "float64")
    vectors = {"negative_slope": np.zeros(1), "dropout": np.zeros(1)}
    ensemble = family.ensemble(
        backend, *family.initialize([1]), vectors, loss_of({"loss": "cross_entropy"})
    )
    with pytest.raises(ValueError, match="unknown batch-norm mode 'eval'"):
        list(ensemble.features(np.ones((2, 3)), "eval"))


# --- initial weights and layout -----------------------------------------------------------------


@pytest.fixture(scope="module")
def reference() -> MLP:
    """The paper's network, §2.2 of its specification."""
    return create_family(MLPSettings().model_dump(), (100,), 10)


def test_the_reference_net_has_its_parameters(reference):
    assert reference.parameters.size == 73_310
    assert reference.layer_sizes == (*[100] * 8, 10)
    assert reference.layer_names == ("input", *(f"hidden_{i}" for i in range(1, 8)), "logits")
    assert reference.statistics.size == 2 * 8 * 100


def test_parameters_of_a_net_without_batch_norm():
    family = create_family(MLPSettings(batch_norm=False).model_dump(), (784,), 10)
    assert family.parameters.size == 785 * 100 + 6 * 101 * 100 + 101 * 10


@pytest.mark.parametrize("torch_backend", [False, True], ids=["numpy", "torch"])
@pytest.mark.parametrize("biased", [(True, True), (False, False), (False, True)], ids=str)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    activation=st.sampled_from(["tanh", "gelu", "quadratic"]),
    depth=st.integers(1, 4),
    width=st.integers(1, 9),
    seed=st.integers(0, 99),
)
def test_written_activations_train_as_autograd_does(
    torch_backend, biased, activation, depth, width, seed
):
    """Gradient, loss and features of networks whose activation no kernel knows, with dropout."""
    sizes = {"n_features": 5, "n_classes": 3, "batch_norm": False}
    family = MLP(depth=depth, width=width, activation=activation, biased=biased, **sizes)
    assert family.fused
    rng = np.random.default_rng(seed)
    x, labels = rng.normal(size=(2, 6, 5)), rng.integers(3, size=(2, 6))
    theta, statistics = random_ensemble(family, 2, seed)
    members = {"negative_slope": np.zeros(2), "dropout": np.array([0.0, 0.4])}
    found = []
    for by_autograd in (False, True):
        backend = get_backend("cpu", "float64", torch=torch_backend or by_autograd)
        made = family.by_autograd if by_autograd else family.ensemble
        weights = backend.from_numpy(theta.copy()), backend.from_numpy(statistics.copy())
        ensemble = made(backend, *weights, members, loss_of({"loss": "cross_entropy"}))
        words = backend.keys(keys([5, 6], "dropout", 1))
        for step in (0, 3):
            ensemble.loss_and_gradient(
                backend.from_numpy(x.copy()), backend.from_numpy(labels), words, step
            )
        features = [f.values for f in ensemble.features(backend.from_numpy(x[0]))]
        found.append([backend.to_numpy(a) for a in (ensemble.gradient, ensemble.loss, *features)])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-12)
