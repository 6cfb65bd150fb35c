"""Signals of affine maps against weights' gradients by autograd, and against each other."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from made.asked import signals_of
from made.networks import MODES
from made.passes import images, network_of
from made.steps import MODELS, forward_of

from layeratlas.signals import tape
from layeratlas.signals.network import Network

SIGNALS = (
    "inputs", "outputs", "cotangents:classes", "cotangents:loss", "cotangents:projections",
    "weights", "initial_weights", "input_moment", "cotangent_moment", "projected_cotangent_moment",
)  # fmt: skip
TIGHT = {"rtol": 1e-12, "atol": 1e-12}
both = pytest.mark.parametrize("on_torch", [False, True], ids=["fused", "torch"])
every_model = pytest.mark.parametrize("model", MODELS)


@every_model
@pytest.mark.parametrize("mode", MODES)
def test_inputs_and_cotangents_make_the_gradients_of_all_weights(
    make_plan, monkeypatch, model, mode
):
    """h = W x + b, and ∂f_o/∂W = Σ g xᵀ, ∂f_o/∂b = Σ g over samples and positions."""
    if mode == MODES[1] and not MODELS[model].get("batch_norm"):
        pytest.skip("knows running statistics alone")
    network, seen = network_of(make_plan, model), images(batch_norm=mode)
    family = network.family
    found = signals_of(monkeypatch, network, seen, SIGNALS)
    views = family.parameters.views(torch.as_tensor(network.theta))
    named = {n: v.clone().requires_grad_() for n, v in views.items()}
    running = family.statistics.views(torch.as_tensor(network.statistics))
    slope = {"negative_slope": torch.tensor([0.1], dtype=torch.float64)}
    x = torch.as_tensor(seen.x)[None]
    f = forward_of(family)(family, named, running, x, slope, mode)[0][-1]
    loss = torch.nn.functional.cross_entropy(f[0], torch.as_tensor(seen.targets))
    scalars = [*f.sum((0, 1)), loss]
    for at, affine in enumerate(family.affines):
        W, X, h = (found[name][at][0] for name in ("weights", "inputs", "outputs"))
        b = named[affine.bias][0].detach().numpy() if affine.bias else 0
        np.testing.assert_allclose(X @ W.T + b, h, **TIGHT)
        cotangents = [*found["cotangents:classes"][at][0], found["cotangents:loss"][at][0]]
        for scalar, g in zip(scalars, cotangents, strict=True):
            own = [named[affine.weight], *([named[affine.bias]] if affine.bias else [])]
            expected = torch.autograd.grad(
                scalar, own, retain_graph=True, allow_unused=True, materialize_grads=True
            )
            product = np.einsum("spo,spi->oi", g, X)
            if affine.kind == "scale":
                product = product.diagonal()
            np.testing.assert_allclose(
                product.ravel(), expected[0].numpy().ravel(), rtol=1e-12, atol=1e-12
            )
            # A batch norm that follows takes the mean away, and the bias's gradient with it.
            if affine.bias and not (mode == MODES[1] and affine.name.startswith("layer_")):
                np.testing.assert_allclose(g.sum((0, 1)), expected[1][0].numpy(), **TIGHT)


@every_model
@both
def test_moments_are_those_of_the_signals(make_plan, monkeypatch, model, on_torch):
    network, seen = network_of(make_plan, model, on_torch, members=2), images()
    found = signals_of(monkeypatch, network, seen, SIGNALS)
    assert isinstance(found["inputs"][0], torch.Tensor) == on_torch
    for at in range(len(network.family.affines)):
        x, g, v = (
            np.asarray(found[name][at])
            for name in ("inputs", "cotangents:classes", "cotangents:projections")
        )
        moment = np.einsum("mspi,mspj->mij", x, x) / 11
        np.testing.assert_allclose(found["input_moment"][at], moment, **TIGHT)
        moment = np.einsum("mospi,mospj->mij", g, g) / 11
        np.testing.assert_allclose(found["cotangent_moment"][at], moment, **TIGHT)
        each = np.einsum("mospi,mospj->omij", v, v) / 11
        mean, error = found["projected_cotangent_moment"][at]
        np.testing.assert_allclose(mean, each.mean(0), **TIGHT)
        expected = each.std(0, ddof=1) / math.sqrt(tape.PROJECTIONS)
        np.testing.assert_allclose(error, expected, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(
            found["initial_weights"][at],
            tape.weights(Network(network.trained, network.rows, network.initial, None))[at],
        )


@every_model
def test_batches_change_nothing_but_rounding(make_plan, monkeypatch, model):
    """But for projections, whose draws are those of a batch: these agree within their errors."""
    network, seen = network_of(make_plan, model), images(60)
    names = ("input_moment", "cotangent_moment", "projected_cotangent_moment")
    whole = signals_of(monkeypatch, network, seen, names)
    monkeypatch.setattr(network, "batch_size", lambda view, holds="features": 7)
    parts = signals_of(monkeypatch, network, seen, names)
    for name in names[:2]:
        for a, b in zip(parts[name], whole[name], strict=True):
            np.testing.assert_allclose(a, b, **TIGHT)
    away = []
    for (mean, error), exact in zip(parts[names[2]], whole[names[1]], strict=True):
        sure = error > 1e-9
        away.extend(np.abs((mean - exact)[sure] / error[sure]))
        np.testing.assert_allclose(mean[~sure], exact[~sure], atol=1e-7)
    # Of a normal deviate 0.8; entries of a map are not independent.
    assert 0.3 < np.mean(away) < 1.2


def test_weights_before_training_must_have_been_kept(make_plan):
    network = network_of(make_plan, "mlp")
    network.initial = None
    with pytest.raises(ValueError, match="were not kept"):
        tape.initial_weights(network)


def test_a_copy_without_the_biases_of_convolutions(make_plan, monkeypatch):
    """Others stay, and so do the network's own."""
    model = "block_cnn"
    network = network_of(make_plan, model)
    kept = signals_of(monkeypatch, network, images(), ("outputs", "inputs", "weights"))
    bare = signals_of(
        monkeypatch, network, images(conv_bias="dropped"), ("outputs", "inputs", "weights")
    )
    for at, affine in enumerate(network.affines):
        x, w, h = (bare[name][at][0] for name in ("inputs", "weights", "outputs"))
        same = affine.kind != "conv" or affine.bias is None
        assert np.allclose(x @ w.T, h) != (same and affine.bias is not None)
    assert not np.allclose(kept["outputs"][0], bare["outputs"][0])


@every_model
def test_the_support_of_a_map_is_where_its_matrix_may_be_anything(make_plan, model):
    network = network_of(make_plan, model)
    for affine, one in zip(network.affines, tape.support(network), strict=True):
        if affine.kind == "scale":
            np.testing.assert_array_equal(one, np.eye(one.shape[1])[None])
        else:
            assert one == 1.0
