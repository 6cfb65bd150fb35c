"""Smooth activations: the tables of the specification, §3.2 and §3.3, and plain quadrature."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial.hermite_e import hermegauss

from layeratlas.errors import LayerAtlasError
from layeratlas.infinite_width.asymptotics import slope
from layeratlas.infinite_width.crossing import crossing, crossing_of, crossings_over_depth
from layeratlas.infinite_width.edge import edge_of_chaos
from layeratlas.infinite_width.recursion import correlations, network_correlations
from layeratlas.infinite_width.smooth import settling, smooth

BIAS = math.sqrt(0.05)
NODES, WEIGHTS = hermegauss(64)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


def edge():
    return smooth("tanh", edge_of_chaos("tanh", BIAS)[0], BIAS)


#: Activation and derivative, written here anew.
PLAIN = {
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "gelu": (
        lambda z: z * (1 + np.vectorize(math.erf)(z / math.sqrt(2))) / 2,
        lambda z: (
            (1 + np.vectorize(math.erf)(z / math.sqrt(2))) / 2
            + z * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
        ),
    ),
    "quadratic": (np.square, lambda z: 2 * z),
}
LAWS = {"tanh": (1.5, 0.2), "gelu": (1.2, 0.3), "quadratic": (0.3, 0.2)}


def plain(activation, weight, bias, q, c):
    """(1 − f(c), f′(c)/f′(1)) by quadrature over two numbers, 64 nodes an axis."""
    value, derivative = PLAIN[activation]
    x, y = np.meshgrid(NODES, NODES)
    weights = np.outer(WEIGHTS, WEIGHTS)
    u, v = math.sqrt(q) * x, math.sqrt(q) * (c * x + math.sqrt(1 - c * c) * y)
    loss = weight**2 * (weights * (value(u) - value(v)) ** 2).sum() / (2 * q)
    factor = (weights * derivative(u) * derivative(v)).sum()
    return loss, factor / (WEIGHTS @ derivative(math.sqrt(q) * NODES) ** 2)


@pytest.mark.parametrize("activation", PLAIN)
@given(c=st.floats(-0.999, 0.9999))
def test_maps_are_those_of_plain_quadrature(activation, c):
    maps = smooth(activation, *LAWS[activation])
    loss, factor = plain(activation, *LAWS[activation], maps.variance, c)
    assert float(maps.forward(np.asarray(1 - c))) == pytest.approx(loss, rel=1e-7, abs=1e-13)
    assert float(maps.backward(np.asarray(1 - c))) == pytest.approx(factor, rel=1e-6, abs=1e-12)


def test_forward_keeps_the_digits_of_small_losses():
    maps = edge()
    losses = np.array([1e-6, 1e-9, 1e-12])
    # 1 − f(1 − g) = g − f″(1) g²/2 + O(g³) at the edge.
    lost = (losses - maps.forward(losses)) / losses
    assert lost[0] == pytest.approx(maps.curvature * 1e-6 / 2, rel=1e-4)
    assert lost[1] == pytest.approx(maps.curvature * 1e-9 / 2, rel=1e-4)


def test_curvature_is_the_mean_square_of_the_second_derivative():
    maps = edge()
    z = math.sqrt(maps.variance) * NODES
    second = -2 * np.tanh(z) / np.cosh(z) ** 2
    weight, _ = edge_of_chaos("tanh", BIAS)
    assert maps.curvature == pytest.approx(weight**2 * maps.variance * (WEIGHTS @ second**2))
    assert 2 / maps.curvature == pytest.approx(6.171, abs=5e-4)


def test_crossings_of_tanh_at_the_edge_are_those_of_the_table():
    depths = (10, 30, 100, 300, 1000, 10_000)
    found = crossings_over_depth(edge(), 0.4, depths)
    np.testing.assert_allclose(found, (3.2, 12.1, 34.8, 79.2, 182.9, 856.5), atol=0.0501)
    assert slope([1000, 10_000], found[-2:]) == pytest.approx(0.670, abs=5e-4)
    late = (3000, 5000, 10_000)
    assert slope(late, crossings_over_depth(edge(), 0.4, late)) == pytest.approx(0.667, abs=5e-4)


def test_a_map_a_little_off_the_edge_fails_the_table():
    """σ_w² rounded to five digits, as the specification prints it, is not the edge at L = 10⁴."""
    rounded = smooth("tanh", math.sqrt(1.76095), BIAS)
    assert abs(crossing_of(rounded, 0.4, 10_000) - 856.5) > 0.1


def test_phases_are_told_by_where_information_is_in_balance():
    """§3.3: bounded l* in order, of order L at the edge, bounded L − l* in chaos."""
    order, chaos = smooth("tanh", 0.9, BIAS), smooth("tanh", math.sqrt(3), BIAS)
    for layers in (30, 60):
        assert crossing_of(order, 0.3, layers) <= 3
        assert 0.2 * layers < crossing_of(edge(), 0.3, layers) < 0.6 * layers
        assert layers - crossing_of(chaos, 0.3, layers) < 3
    assert order.gain < 1 < chaos.gain
    assert edge().gain == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(("weight", "bias"), [(1.327, BIAS), (math.sqrt(3), BIAS), (0.9, BIAS)])
def test_a_wide_network_shows_what_is_predicted(weight, bias):
    """Cosines of inputs and cotangents in a drawn tanh network, all three phases."""
    rng = np.random.default_rng(5)
    layers, width, inputs = 8, 1200, 40
    common = rng.normal(size=inputs)
    x = np.sqrt(0.3) * common + np.sqrt(0.7) * rng.normal(size=(12, inputs))
    x *= math.sqrt(inputs) / np.linalg.norm(x, axis=1, keepdims=True)
    read, weights, slopes = [x], [], []
    sizes = [inputs, *[width] * (layers - 1), 6]
    for before, after in itertools.pairwise(sizes):
        w = rng.normal(size=(after, before)) * weight / math.sqrt(before)
        z = read[-1] @ w.T + bias * rng.normal(size=after)
        weights.append(w)
        slopes.append(1 - np.tanh(z) ** 2)
        read.append(np.tanh(z))
    pairs = np.triu_indices(len(x), 1)

    def cosine(a):
        unit = a / np.linalg.norm(a, axis=-1, keepdims=True)
        return (unit @ unit.swapaxes(-1, -2))[..., pairs[0], pairs[1]]

    # One output after another: the mean over them has less noise.
    back = np.repeat(np.eye(6)[:, None], len(x), 1)
    backward = [cosine(back).mean(0)]
    for k in range(layers - 1, 0, -1):
        back = (back @ weights[k]) * slopes[k - 1]
        backward.insert(0, cosine(back).mean(0))
    forward = np.array([cosine(a) for a in read[:-1]])
    told = network_correlations(settling("tanh", weight, bias, 1.0, layers), forward[0], layers)
    np.testing.assert_allclose(forward.T, told.forward, atol=0.15)
    np.testing.assert_allclose(forward.mean(1), told.forward.mean(0), atol=0.06)
    np.testing.assert_allclose(np.array(backward).mean(1), told.backward.mean(0), atol=0.06)


def test_settled_maps_are_where_settling_ends():
    weight, variance = edge_of_chaos("tanh", BIAS)
    maps = settling("tanh", weight, BIAS, 1.0, 60)
    assert maps[0].variance == pytest.approx(BIAS**2 + weight**2)
    assert maps[-1].variance == pytest.approx(variance, rel=1e-6)
    # From a fixed point nothing is left to settle.
    still = settling("tanh", weight, BIAS, (variance - BIAS**2) / weight**2, 5)
    one, many = (correlations(m, 0.4, 5) for m in (smooth("tanh", weight, BIAS), still))
    np.testing.assert_allclose(one.loss, many.loss, rtol=1e-9)
    assert crossing(one.loss, one.backward) == pytest.approx(crossing(many.loss, many.backward))


def test_refusals():
    with pytest.raises(LayerAtlasError, match="does not settle"):
        smooth("tanh", 0.9, 0.0)
    with pytest.raises(LayerAtlasError, match="no recursion of correlations is known"):
        smooth("softsign", 1.0, 0.1)
