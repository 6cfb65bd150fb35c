"""What the paper's figures say, at reduced size and with several draws; and what a probe costs."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from layeratlas.networks.scalings import table
from layeratlas.papers.feature_speed import theory
from layeratlas.probes import measures, networks
from layeratlas.probes.losses import Linear, Square

SEEDS = range(100, 105)


@pytest.fixture(scope="module")
def unit_input():
    x = np.random.default_rng(0).standard_normal(10)
    return x / np.linalg.norm(x)


@pytest.fixture(scope="module")
def by_layer(unit_input):
    """Figure 1(a) at depth 100, width 200: `(draw, branch scale, layer)`."""
    depth, root = 100, 100**-0.5
    betas = [1 / depth, root / 2, root, 2 * root, 1.0]
    network = networks.resnet(depth, 200, betas)
    return betas, measures.probe_draws(SEEDS, network, 200, unit_input, Square(0.5))


def test_angles_by_layer_are_ordered_by_branch_scale(by_layer):
    _, result = by_layer
    last = result.theta[:, :, 99]
    assert (last[:, 1:].min(axis=0) > last[:, :-1].max(axis=0)).all()
    mean = result.theta.mean(axis=0)
    assert (mean[:, 2] < 1e-12).all()
    # Non-decreasing up to noise: against the running maximum.
    drop = np.maximum.accumulate(mean[:, 2:100], axis=1) - mean[:, 2:100]
    assert drop.max() < 0.1


def test_angles_by_layer_follow_the_closed_forms(by_layer):
    betas, result = by_layer
    cos = result.cos_theta.mean(axis=0)
    layers = np.arange(5, 51)
    expected = theory.cos_relu_mlp(layers - 1)
    np.testing.assert_allclose(cos[4, layers], expected, rtol=0.35)
    for i, tolerance in ((0, 0.05), (1, 0.05), (2, 0.05), (3, 0.12)):
        expected = theory.cos_relu_resnet(98, betas[i])
        np.testing.assert_allclose(cos[i, 2:100], expected, rtol=tolerance)


def test_angle_of_a_residual_network_does_not_depend_on_depth(unit_input):
    """Figure 1(b, c): β = c/√L gives one curve, and it is the closed form."""
    scales = np.array([0.25, 0.5, 1.0, 2.0])
    thetas = []
    for depth in (30, 60, 120):
        network = networks.resnet(depth, 250, scales / np.sqrt(depth))
        result = measures.probe_draws(range(6), network, 250, unit_input, Linear(1.0))
        thetas.append(result.theta[:, :, depth - 1].mean(axis=0))
    limit = np.arccos([theory.cos_relu_resnet_limit(c) for c in scales])
    np.testing.assert_allclose(thetas[2], limit, atol=0.06)
    np.testing.assert_allclose(thetas[1], thetas[2], atol=0.05)
    assert (np.diff(thetas[2]) > 0).all()


def test_angle_of_an_mlp_closes_like_one_over_the_root_of_depth(unit_input):
    """Figure 1(b): slope −1/2 of cos θ against L − 2, and −0.44 of θ for β = 1/L."""
    depths, width = np.array([10, 16, 25, 40]), 200
    cos, tiny = [], []
    for depth in depths:
        network = networks.resnet(int(depth), width, [1.0, 1 / depth])
        result = measures.probe_draws(range(12), network, width, unit_input, Linear(1.0))
        cos.append(result.cos_theta[:, 0, depth - 1].mean())
        tiny.append(result.theta[:, 1, depth - 1].mean())
    assert np.polyfit(np.log(depths - 2), np.log(cos), 1)[0] == pytest.approx(-0.5, abs=0.1)
    assert np.polyfit(np.log(depths), np.log(tiny), 1)[0] == pytest.approx(-0.44, abs=0.08)


def test_sensitivities_of_an_mlp(unit_input):
    """Figure 2(a): flat and of order one under FSC, ∝ √L under MF+µP, small, rising under NTK."""
    width, depths = 400, (5, 10, 20, 40)
    names = ("ntk", "mf_mup", "fsc")
    medians = []
    for depth in depths:
        stds = [table(n, depth, width, 10, 1).output.std for n in names]
        network = networks.resnet(depth, width, 1.0, output_std=stds)
        result = measures.probe_draws(range(8), network, width, unit_input, Square(1.0))
        last = result.sensitivity[:, :, depth - 1]
        medians.append(np.median(last, axis=0))
        # The weights are the same but for the read-out: only |b_L| σ_L tells them apart.
        error = np.sqrt(2 * result.loss)
        np.testing.assert_allclose(last * stds * error, (last * stds * error)[:, :1] * [1, 1, 1])
    ntk, mean_field, fsc = np.array(medians).T
    slope = [np.polyfit(np.log(depths), np.log(s), 1)[0] for s in (mean_field, fsc)]
    assert 0.4 <= slope[0] <= 0.75
    assert -0.1 <= slope[1] <= 0.25
    assert ((fsc > 0.55) & (fsc < 1.1)).all()
    assert (ntk < 0.4).all() and ntk[-1] > ntk[0]


def test_sensitivities_of_a_residual_network(unit_input):
    """Figure 2(b): flat in depth; levels 1.33 and 1.00 for β = 1/√L and 1/L, read-out 1/m."""
    width, depths, medians = 200, (20, 40, 80), []
    for depth in depths:
        network = networks.resnet(depth, width, [depth**-0.5, 1 / depth])
        result = measures.probe_draws(range(8), network, width, unit_input, Square(1.0))
        medians.append(np.median(result.sensitivity[:, :, depth - 1], axis=0))
    medians = np.array(medians)
    slopes = np.polyfit(np.log(depths), np.log(medians), 1)[0]
    assert (np.abs(slopes) < 0.1).all()
    np.testing.assert_allclose(medians[:, 0] / medians[:, 1], 1.28, atol=0.1)
    np.testing.assert_allclose(medians, [[1.325, 1.025]] * 3, atol=0.15)


@pytest.mark.parametrize("name", ["ntk", "fsc"])
def test_contributions_under_the_tables(name):
    """§2.5: L C_1 = 1/2, L C_l = 1/4, L C_L = 1/2 of an MLP, dense, linear loss, |b_L| = 1/√k."""
    depth, width, d, k = 10, 300, 20, 5
    scaling = table(name, depth, width, d, k)
    x = np.ones(d)
    results = measures.probe_draws(
        range(16),
        networks.mlp(depth, width, n_inputs=d, stds=scaling.stds),
        width,
        x,
        Linear(np.ones(k) / k),
        n_outputs=k,
        trained="all",
        learning_rates=scaling.learning_rates,
    )
    scaled = depth * np.median(results.contribution[:, 0, 1:], axis=0)
    np.testing.assert_allclose(scaled, [0.5, *[0.25] * (depth - 2), 0.5], rtol=0.4)


@pytest.mark.slow
def test_depth_500_width_500_fits_in_memory():
    """Figure 1(c): twenty branch scales of one draw, below 4 GiB in a process of its own."""
    code = """
import resource
import numpy as np
from layeratlas.probes.losses import Square
from layeratlas.probes.measures import probe
from layeratlas.probes.networks import draw, resnet
network = resnet(500, 500, np.geomspace(1e-3, 1, 20))
result = probe(draw(0, 500, 500), network, np.ones(10), Square(1.0))
assert np.isfinite(result.theta[:, 2:]).all()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 4 * 2**20
