"""Draws and networks of probes: distributions, keys, refusals."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.networks.scalings import ScalingError
from layeratlas.probes import measures, networks
from layeratlas.probes.losses import Square
from layeratlas.runs.streams import generator


def test_draws_are_standard_normal():
    values = networks.draw(0, 12, 300).matrix(5).ravel()
    assert abs(values.mean()) < 0.02 and values.std() == pytest.approx(1, abs=0.01)
    assert (values**4).mean() == pytest.approx(3, abs=0.15)


def test_draws_are_keyed_by_layer_and_shared():
    short, long = networks.draw(4, 5, 20), networks.draw(4, 9, 20)
    for a, b in zip(short.matrices[:4], long.matrices[:4], strict=True):
        np.testing.assert_array_equal(a, b)
    x = np.ones(10)
    betas = [0.1, 0.5, 1.0]
    together = measures.probe(long, networks.resnet(9, 20, betas), x, Square(0.3))
    for i, beta in enumerate(betas):
        alone = measures.probe(long, networks.resnet(9, 20, beta), x, Square(0.3))
        np.testing.assert_allclose(alone.theta[0], together.theta[i], rtol=1e-10, atol=1e-15)
    several = measures.probe_draws([4, 5], networks.resnet(9, 20, betas), 20, x, Square(0.3))
    assert several.theta.shape == (2, 3, 10) and several.loss.shape == (2, 3)
    np.testing.assert_array_equal(several.theta[0], together.theta)


def test_refusals():
    with pytest.raises(ScalingError, match="branch_scale must lie in"):
        networks.resnet(5, 10, [0.1, 1.2])
    for make in (
        lambda: networks.draw(0, 2, 10),
        lambda: networks.mlp(2, 10),
        lambda: networks.resnet(2, 10, 1.0),
    ):
        with pytest.raises(ScalingError, match="depth must be at least 3"):
            make()


def test_matrices_must_follow_one_another():
    with pytest.raises(ValueError, match=r"a matrix \(2, 5\) cannot follow a matrix \(4, 3\)"):
        networks.Weights([np.ones((4, 3)), np.ones((2, 5)), np.ones((1, 2))])
    with pytest.raises(ScalingError, match="depth must be at least 3"):
        networks.Weights([np.ones((4, 3)), np.ones((2, 4))])
    with pytest.raises(ScalingError, match="stds must have 4 entries, not 3"):
        networks.mlp(4, 10, stds=[1, 2, 3])


@given(
    kind=st.sampled_from(["mlp", "resnet"]),
    slope=st.sampled_from([0.0, 0.2, 1.0]),
    layer=st.integers(1, 5),
    seed=st.integers(0, 10**6),
)
def test_changes_and_slopes_are_those_of_what_a_matrix_sees(kind, slope, layer, seed):
    make = networks.mlp if kind == "mlp" else lambda *a, **k: networks.resnet(*a, [0.3, 0.9], **k)
    network = make(5, 7, negative_slope=slope)
    f, change = np.random.default_rng(seed).standard_normal((2, network.settings, 2, 7))
    seen = network.incoming(f, layer)
    exact = network.incoming(f + change, layer) - seen
    np.testing.assert_allclose(network.incoming(f, layer, change), exact, atol=1e-14)
    # Piecewise linear and homogeneous: the slope times the feature is what is seen.
    np.testing.assert_allclose(network.slope(f, layer) * f, seen, atol=1e-14)


def test_a_product_has_the_multiplier_of_its_setting():
    weights = networks.draw(0, 4, 6)
    network = networks.resnet(4, 6, 0.5, stds=[[1, 2, 3, 4], [5, 6, 7, 8]])
    u = np.random.default_rng(0).standard_normal((2, 3, 6))
    found = network.product(weights, 3, u)
    for setting, scale in enumerate((3, 7)):
        np.testing.assert_allclose(found[setting], scale * u[setting] @ weights.matrix(3).T)


def test_every_layer_has_a_draw_of_its_own():
    """Standard normals of (seed, layer), rounded to multiples of 1/4096."""
    weights = networks.draw(4, 5, 20, n_inputs=3, n_outputs=2)
    shapes = [(3, 20), (20, 20), (20, 20), (20, 20), (20, 2)]
    for layer, shape in enumerate(shapes, start=1):
        stream = generator(4, f"probe/weight_{layer}")
        drawn = stream.standard_normal(shape, np.float32).T
        np.testing.assert_allclose(weights.matrix(layer), drawn, atol=0.5001 / 4096)
    inner = [weights.matrix(layer).ravel() for layer in (2, 3, 4)]
    for a, b in itertools.combinations(inner, 2):
        assert abs(np.corrcoef(a, b)[0, 1]) < 5 / np.sqrt(a.size)


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0])
def test_default_spreads_and_the_shortcut_are_the_papers(slope):
    """σ = 1/√d, √(2/((1 + s²) m)), 1/m; a² + β² = 1."""
    hidden = (2 / ((1 + slope**2) * 50)) ** 0.5
    expected = [3**-0.5, hidden, hidden, 1 / 50]
    for network in (
        networks.mlp(4, 50, n_inputs=3, negative_slope=slope),
        networks.resnet(4, 50, 0.6, n_inputs=3, negative_slope=slope),
    ):
        np.testing.assert_allclose(network.multipliers[0], expected, rtol=1e-12)
    skips = networks.resnet(4, 50, [0.0, 0.6, 1.0]).skip.ravel()
    np.testing.assert_allclose(skips, [1.0, 0.8, 0.0], atol=1e-12)
