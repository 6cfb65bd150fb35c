"""One gradient step: the formula, the probe library, finite differences, the measuring job."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from made.steps import MODELS, SHAPE, family_and_weights, random_rates, step_of

from layeratlas.backends import get_backend
from layeratlas.engine import archive
from layeratlas.engine.loop import train_shard
from layeratlas.measure import measure_shard
from layeratlas.metrics import METRICS
from layeratlas.metrics import gradient_step as metrics
from layeratlas.networks.registry import create_family, load_forward
from layeratlas.probes import measures, networks, passes
from layeratlas.probes.losses import CrossEntropy, MeanSquare
from layeratlas.probes.velocities import velocities
from layeratlas.workflow.fingerprints import closure

STEP = [name for name, metric in METRICS.items() if metric.needs == ("gradient_step",)]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
@settings(max_examples=10)
@given(seed=st.integers(0, 1000), n=st.integers(1, 20), slope=st.sampled_from([0.0, 0.3, 1.0]))
def test_the_feature_speed_formula_holds(model, loss, seed, n, slope):
    """I1 at random weights, biases and unequal rates; the left side is a JVP."""
    family, theta, statistics = family_and_weights(MODELS[model], seed)
    step = step_of(
        family,
        theta,
        statistics,
        random_rates(family, seed),
        n=n,
        seed=seed,
        loss=loss,
        slope=slope,
    )
    moving = metrics.loss_decay(step) > 1e-20
    residual = metrics.feature_speed_residual(step)
    assert (residual[moving] < 1e-10).all()
    assert moving[-1] or np.allclose(metrics.backward_norm(step)[-1], 0)
    with_norm = family.has_batch_norm
    assert np.isfinite(metrics.loss_decay(step)[0]) == with_norm
    decay, angle = metrics.loss_decay(step), metrics.backward_feature_angle(step)
    told = np.cos(angle) * metrics.feature_velocity(step) * metrics.backward_norm(step)
    sizes = np.array([f.size for f in step.features])
    np.testing.assert_allclose((told * sizes)[moving], decay[moving], rtol=1e-8)
    speed = metrics.feature_velocity(step)[moving]
    np.testing.assert_allclose(metrics.sensitivity(step)[moving], speed / decay[moving])


@pytest.mark.parametrize("architecture", ["mlp", "residual_mlp"])
@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
def test_it_is_the_probe_of_the_library(architecture, loss):
    """Numpy recursions without a graph; a perceptron shows φ(f) where the probe shows f."""
    family, theta, statistics = family_and_weights(MODELS[architecture])
    depth, slope = family.depth, 0.2
    eta = np.random.default_rng(1).uniform(0.1, 2, depth)
    step = step_of(family, theta, statistics, np.repeat(eta, 2), loss=loss)
    views = family.parameters.views(theta[None])
    weights = networks.Weights(
        [views[f"weight_{i}"][0] for i in range(1, depth + 1)],
        [views[f"bias_{i}"][0] for i in range(1, depth + 1)],
    )
    ones = {"stds": np.ones(depth), "negative_slope": slope}
    network = (
        networks.mlp(depth, 6, **ones)
        if architecture == "mlp"
        else networks.resnet(depth, 6, family.branch_scale, **ones)
    )
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(13, math.prod(SHAPE))), rng.integers(3, size=13)
    of_loss = CrossEntropy(y) if loss == "cross_entropy" else MeanSquare(np.eye(3)[y])
    point = passes.passes(weights, network, x, of_loss)
    rates = eta[None]
    found = measures.measure(point, rates)
    np.testing.assert_allclose(metrics.contribution(step)[1:], found.contribution[0, 1:], rtol=1e-9)
    np.testing.assert_allclose(metrics.loss_decay(step)[1:], found.loss_decay[0, 1:], rtol=1e-9)
    moves = [None, *(v[0] for v in velocities(point, rates))]
    for layer in range(1, depth + 1):
        f, b, move = point.f[layer][0], point.b[layer][0], moves[layer]
        if architecture == "mlp" and layer < depth:
            on = np.where(f > 0, 1.0, slope)
            f, move = on * f, on * move
            b = b / on
        np.testing.assert_allclose(step.features[layer], f, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(step.backward[layer], b, rtol=1e-9, atol=1e-14)
        np.testing.assert_allclose(step.velocities[layer], move, rtol=1e-9, atol=1e-13)
    if architecture == "residual_mlp":
        angle, speed = metrics.backward_feature_angle(step), metrics.feature_velocity(step)
        np.testing.assert_allclose(angle[1:], found.theta[0, 1:], rtol=1e-9)
        np.testing.assert_allclose(speed[1:], found.df_rms[0, 1:], rtol=1e-9)
        np.testing.assert_allclose(metrics.sensitivity(step)[1:], found.sensitivity[0, 1:])


@pytest.mark.parametrize("model", MODELS)
def test_scale_invariant_rates_balance_the_layers(model):
    family, theta, statistics = family_and_weights(MODELS[model])
    trained = np.ones(len(family.parameters.tensors))
    step = step_of(family, theta, statistics, trained, rule=("invariant", None))
    found = metrics.contribution(step)
    found = found[np.isfinite(found)]
    np.testing.assert_allclose(found, 1 / len(found), rtol=1e-12)
    np.testing.assert_allclose(metrics.loss_decay(step)[-1], 1, rtol=1e-12)
    assert (metrics.feature_speed_residual(step)[1:] < 1e-10).all()


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("rule", ["normalized", "scaled", "cap"])
def test_steps_of_layerwise_rules_are_the_optimisers(model, rule):
    """What a layer contributes is what the optimiser's own step takes off the loss."""
    family, theta, statistics = family_and_weights(MODELS[model])
    tensors = family.parameters.tensors
    layers = sorted({tensor.layer for tensor in tensors})
    constants = np.random.default_rng(0).uniform(0.1, 2, len(layers)).tolist()
    trained = np.ones(len(tensors))
    plain = metrics.contribution(step_of(family, theta, statistics, trained))[layers]
    step = step_of(family, theta, statistics, trained, rule=(rule, constants))
    norm, c = np.sqrt(plain), np.array(constants)
    size = {"normalized": c / norm, "scaled": c, "cap": np.minimum(1, c / norm)}[rule]
    np.testing.assert_allclose(metrics.contribution(step)[layers], size * plain, rtol=1e-9)
    assert (metrics.feature_speed_residual(step)[1:] < 1e-10).all()


def test_nothing_is_said_where_nothing_moves():
    family, theta, statistics = family_and_weights(MODELS["mlp"])
    step = step_of(family, theta, statistics, random_rates(family, frozen=(0, 1, 2, 3)))
    for metric in (
        metrics.feature_velocity,
        metrics.backward_feature_angle,
        metrics.loss_decay,
        metrics.sensitivity,
        metrics.feature_speed_residual,
    ):
        assert np.isnan(metric(step)[:3]).all() and np.isfinite(metric(step)[3:]).all()
    assert np.isnan(metrics.contribution(step)[:3]).all()
    assert np.isfinite(metrics.feature_norm(step)).all()
    assert metrics.backward_feature_angle(step)[3] < math.pi / 2


# --- through the measuring job ------------------------------------------------------------------


def dataset_of(x, noisy, labels):
    dims = ("n", "channel", "row", "column")
    images = x.reshape(len(x), 1, 2, 2)
    return xr.Dataset(
        {
            "train_inputs": (dims, images),
            "train_targets": ("n", noisy),
            "clean_train_targets": ("n", labels),
            "test_inputs": (dims, images),
            "test_targets": ("n", labels),
        },
        attrs={"n_outputs": 3},
    )


OWN = {"blockwise": {"optimizer_settings": {"rule": "invariant"}}}


@pytest.mark.parametrize("scaling", [None, "fsc", "fsc_auto"])
@pytest.mark.parametrize("optimizer", ["sgd", "scale_invariant_sgd", "blockwise"])
def test_measuring_puts_them_beside_the_layers(make_plan, clouds, scaling, optimizer):
    """Mid-training, of the clean labels, at the rates that the run itself has."""
    x, labels = clouds(n=30, d=4)
    noisy = (labels + 1) % 3
    plan = make_plan(
        3, model={"width": 8, "depth": 4}, checkpoints=(0, 2), dtype="float32",
        training={"optimizer": optimizer, "batch_size": "full"} | OWN.get(optimizer, {}),
        learning_rate=(0.01, 1e38, 0.03),
    )  # fmt: skip
    if scaling:
        section = {"setting": "dense", "calibration_images": 10}
        plan = dataclasses.replace(
            plan,
            shared={**plan.shared, "scaling": section},
            members={**plan.members, "scaling": (scaling,) * plan.size},
        )
    backend = get_backend("cpu", "float32")
    result = train_shard(plan, x, noisy, n_outputs=3, backend=backend)
    family = create_family(plan.shared["model"], (1, 2, 2), 3)
    measured = measure_shard(
        plan,
        archive.to_tree(plan, family, result, "test"),
        dataset_of(x, noisy, labels),
        metrics=["data_separation", *STEP, "hessian_trace"],
        batch_norm_modes=["running_statistics"],
        step_images=20,
        backend=backend,
    )
    layers = measured["layers"].to_dataset().isel(batch_norm_mode=0)
    assert set(layers.data_vars) == {"data_separation", *STEP}
    assert set(measured["network"].data_vars) == {"hessian_trace"}
    assert layers["backward_feature_angle"].attrs["units"] == "rad"
    for name in STEP:
        assert np.isnan(layers[name].isel(run=1, epoch=1)).all()
    assert float(layers["feature_speed_residual"].isel(run=[0, 2]).max()) < 1e-10
    contribution = layers["contribution"].isel(run=2, epoch=1).values[1:]
    if optimizer != "sgd":
        np.testing.assert_allclose(contribution, 1 / 4, rtol=1e-6)
        return
    x_step, theta = torch.as_tensor(x[:20]), torch.as_tensor(result.theta[2:3, 1]).double()
    named = {n: v.clone().requires_grad_() for n, v in family.parameters.views(theta).items()}
    forward = load_forward("mlp")
    members = {"negative_slope": torch.tensor([0.1], dtype=torch.float64)}
    logits = forward(family, named, {}, x_step[None], members, "running_statistics")[0][-1][0]
    loss = torch.nn.functional.cross_entropy(logits, torch.as_tensor(labels[:20]))
    gradients = torch.autograd.grad(loss, list(named.values()))
    from layeratlas.engine.start import start_of

    rates = start_of(plan, family, x, noisy).rates([2])[0]
    expected = np.zeros(5)
    for tensor, eta, gradient in zip(family.parameters.tensors, rates, gradients, strict=True):
        expected[tensor.layer] += eta * float(gradient.square().sum())
    np.testing.assert_allclose(contribution, expected[1:], rtol=1e-6)


def test_it_needs_the_angle_of_the_probes_and_nothing_else_of_them():
    """An edit of the probe's passes must not measure trainings again."""
    probes = {name for name in closure(metrics.__name__) if name.startswith("layeratlas.probes")}
    assert probes == {"layeratlas.probes.angles", "layeratlas.probes.sums"}
