"""The probe: identities of the feature speed formula at machine precision (spec. §1.3, §5)."""

from __future__ import annotations

import doctest
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made.naive_probes import case, matrices

from layeratlas import probes
from layeratlas.probes import measures, networks, passes, velocities
from layeratlas.probes.losses import CrossEntropy, Square
from layeratlas.probes.rates import balanced_rates


@given(
    seed=st.integers(0, 10**6),
    samples=st.integers(1, 8),
    kind=st.sampled_from(["mlp", "resnet"]),
    biased=st.booleans(),
    labels=st.booleans(),
)
def test_feature_speed_formula(seed, samples, kind, biased, labels):
    weights, network, x, loss, rates = case(seed, samples=samples, kind=kind, biased=biased)
    if labels:
        loss = CrossEntropy(np.arange(samples) % 3)
    assert_speed_formula(passes.passes(weights, network, x, loss), rates)


def assert_speed_formula(point, rates, tolerance=1e-10):
    """I1: −⟨b_v, ḟ_v⟩ = Σ_{l≤v} η_l |G_l|², and what follows for the probe (I2, I3, I4)."""
    decay = np.cumsum(rates * point.gradient_square[:, 1:], axis=1)
    moves = list(velocities.velocities(point, rates))
    for layer, move in enumerate(moves, start=1):
        left = -np.sum(point.b[layer] * move, axis=(1, 2))
        np.testing.assert_allclose(left, decay[:, layer - 1], rtol=tolerance, atol=1e-300)
    measured = measures.measure(point, rates)
    np.testing.assert_allclose(-measured.loss_change, measured.loss_decay[:, -1], rtol=tolerance)
    with np.errstate(invalid="ignore", divide="ignore"):
        dims = np.array([0, *[b[0].size for b in point.b.values()]])
        eq4 = 1 / (measured.cos_theta * dims * measured.b_rms)
    np.testing.assert_allclose(measured.sensitivity[:, 1:], eq4[:, 1:], rtol=1e-8)


def test_feature_speed_formula_at_many_samples_and_in_mid_training():
    rng = np.random.default_rng(7)
    weights, network, x, _, _ = case(11, samples=30, depth=9, width=40, k=3)
    loss = CrossEntropy(rng.integers(0, 3, 30))
    network = networks.resnet(9, 40, 0.5, n_inputs=4, output_std=0.1)
    ws = [w.numpy() for w in matrices(weights, network, 0)]
    plain = replace(network, multipliers=np.ones((1, 9)))
    losses = []
    for _ in range(15):
        point = passes.passes(networks.Weights(ws), plain, x, loss)
        assert_speed_formula(point, rng.uniform(0, 1, (1, 9)))
        losses.append(float(loss.value(point.f[-1])[0]))
        rates = balanced_rates(point)
        ws = [w - 0.05 * rates[0, i] * point.gradient(i + 1)[0] for i, w in enumerate(ws)]
    assert losses[-1] < losses[0] - 0.3


@pytest.mark.parametrize("product", [1.0, 1.3])
def test_trajectories_ignore_a_shift_of_scale_between_layers(product):
    """I8: an MLP with prescribed contributions, and matrices scaled by s_l, Π s_l = `product`."""
    weights, network, x, loss, _ = case(6, samples=3, kind="mlp")
    one = replace(network, branch_scale=np.ones(1), multipliers=np.ones((1, network.depth)))
    scales = np.random.default_rng(0).uniform(0.5, 2.0, network.depth)
    scales *= (product / scales.prod()) ** (1 / network.depth)

    def train(ws):
        outputs = []
        for _ in range(5):
            point = passes.passes(networks.Weights(ws), one, x, loss)
            outputs.append(point.f[-1])
            rates = balanced_rates(point)[0]
            ws = [w - 0.05 * rates[i] * point.gradient(i + 1)[0] for i, w in enumerate(ws)]
        return np.array(outputs), ws

    ws = [w.numpy() for w in matrices(weights, network, 0)]
    outputs, after = train(ws)
    scaled_outputs, scaled = train([s * w for s, w in zip(scales, ws, strict=True)])
    if product != 1:
        assert np.abs(scaled_outputs - outputs).max() > 0.01 * np.abs(outputs).max()
        return
    np.testing.assert_allclose(scaled_outputs, outputs, rtol=1e-9, atol=1e-10)
    for s, w, v in zip(scales, after, scaled, strict=True):
        np.testing.assert_allclose(v, s * w, rtol=1e-9, atol=1e-10)


def test_angles_ignore_a_common_factor_of_the_rates():
    weights, network, x, loss, rates = case(8, samples=2)
    one = measures.probe(weights, network, x, loss, trained="all", learning_rates=rates)
    other = measures.probe(weights, network, x, loss, trained="all", learning_rates=37.0 * rates)
    np.testing.assert_allclose(one.theta, other.theta, rtol=1e-12)


def test_frozen_layers_and_undefined_values():
    weights, x = networks.draw(0, 8, 50), np.ones(10)
    result = measures.probe(weights, networks.resnet(8, 50, [0.3, 1.0]), x, Square(0.3))
    assert np.isnan(result.theta[:, :2]).all()  # the input, and the frozen first layer
    assert (result.theta[:, 2] < 1e-15).all()
    np.testing.assert_allclose(result.contribution[:, [1, 8]], 0)
    np.testing.assert_allclose(result.contribution[:, 2:8], 1 / 8)
    # Only layers up to L − 1 are trained, so the paper's estimate of S is S.
    np.testing.assert_allclose(result.feature_per_loss[:, 7], result.sensitivity[:, 7])


def test_the_example_of_the_package_runs():
    failed, tried = doctest.testmod(probes)
    assert tried and not failed
