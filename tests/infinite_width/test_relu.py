"""ReLU and leaky ReLU: the tables and expansions of the specification, §3.1."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.infinite_width.crossing import crossing_of, crossings_over_depth
from layeratlas.infinite_width.recursion import correlations
from layeratlas.infinite_width.relu import Rectifier, edge_weight_std

DEPTHS = (5, 8, 10, 15, 20, 30, 40, 50, 60, 70, 80, 90, 100)
#: Specification §3.1: the crossing at each depth, by the cosine of the data.
CROSSINGS = {
    0.0: (3.1, 4.4, 5.2, 7.0, 8.7, 11.7, 14.4, 16.9, 19.2, 21.4, 23.5, 25.5, 27.5),
    0.2: (2.8, 4.1, 4.9, 6.7, 8.3, 11.3, 14.0, 16.5, 18.8, 21.0, 23.1, 25.1, 27.0),
    0.3: (2.6, 3.9, 4.6, 6.4, 8.1, 11.0, 13.7, 16.2, 18.5, 20.7, 22.8, 24.8, 26.7),
    0.4: (2.3, 3.6, 4.3, 6.1, 7.7, 10.7, 13.4, 15.8, 18.1, 20.3, 22.4, 24.4, 26.3),
    0.5: (2.0, 3.2, 3.9, 5.7, 7.3, 10.2, 12.9, 15.3, 17.6, 19.8, 21.9, 23.9, 25.8),
    0.6: (1.4, 2.6, 3.4, 5.1, 6.7, 9.6, 12.2, 14.7, 16.9, 19.1, 21.2, 23.2, 25.1),
    0.8: (1, 1, 1, 2.5, 4.1, 6.9, 9.4, 11.8, 14.0, 16.2, 18.2, 20.1, 22.0),
}
SLOPES = (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)
#: The same by the negative slope, from cosine 0.3.
LEAKY = {
    7: (3.45, 3.43, 3.33, 3.10, 2.66, 1.80, 1, 1),
    10: (4.63, 4.68, 4.66, 4.52, 4.15, 3.35, 1.64, 1),
    20: (8.07, 8.37, 8.63, 8.78, 8.72, 8.22, 6.77, 1),
    50: (16.20, 17.16, 18.23, 19.35, 20.38, 21.06, 20.81, 6.52),
}
#: l² (1 − fc_l) from cosine 0.3, and the crossing over L^{3/5}.
EXPANSION = {1_000: (43.1365, 1.974), 10_000: (44.2526, 2.084), 100_000: (44.3941, 2.120)}


@pytest.mark.parametrize("cosine", CROSSINGS)
def test_crossings_are_those_of_the_table(cosine):
    found = crossings_over_depth(Rectifier(), cosine, DEPTHS)
    np.testing.assert_allclose(found, CROSSINGS[cosine], atol=0.0501)


@pytest.mark.parametrize("layers", LEAKY)
def test_crossings_of_leaky_networks_are_those_of_the_table(layers):
    found = [float(crossing_of(Rectifier(a), 0.3, layers)) for a in SLOPES]
    np.testing.assert_allclose(found, LEAKY[layers], atol=0.0051)


def expansion(layers, maps=None):
    """l² (1 − fc_l) at the last layer, and the crossing over L^{3/5}."""
    found = correlations(maps or Rectifier(), 0.3, layers)
    return layers**2 * found.loss[-1], crossing_of(maps or Rectifier(), 0.3, layers) / layers**0.6


def is_expansion(layers, found):
    told = EXPANSION[layers]
    return abs(found[0] - told[0]) <= 0.51e-4 and abs(found[1] - told[1]) <= 0.51e-3


@pytest.mark.parametrize("layers", EXPANSION)
def test_expansion_has_its_digits(layers):
    assert is_expansion(layers, expansion(layers))


@pytest.mark.slow
def test_expansion_at_a_million_layers():
    scaled, crossed = expansion(1_000_000)
    assert scaled == pytest.approx(44.4110, abs=0.51e-4)
    assert crossed == pytest.approx(2.131, abs=0.51e-3)


class Naive:
    """The map as it is written in terms of c: what the tests must not let pass."""

    shared = 0.0

    def forward(self, loss):
        angle = np.arccos(np.clip(1 - loss, -1, 1))
        return 1 - (np.sin(angle) + (math.pi - angle) * np.cos(angle)) / math.pi

    def backward(self, loss):
        return 1 - np.arccos(np.clip(1 - loss, -1, 1)) / math.pi


class Late(Rectifier):
    """A backward factor of the next layer's correlation, not of this one's."""

    def backward(self, loss):
        return super().backward(self.forward(loss))


#: s = 2√2/(3π) of f(1 − g) = 1 − g + s g^{3/2} + O(g^{5/2}).
LOST = 0.300105


def lost(maps, loss):
    """(f(1 − g) − (1 − g))/g^{3/2}."""
    loss = np.asarray(loss)
    return float((loss - maps.forward(loss)) / loss**1.5)


@pytest.mark.parametrize("loss", [1e-6, 1e-8, 1e-10, 1e-12])
def test_a_layer_takes_what_the_expansion_says(loss):
    assert lost(Rectifier(), loss) == pytest.approx(LOST, abs=1e-6)


@pytest.mark.parametrize("loss", [1e-10, 1e-12])
def test_a_naive_recursion_fails_the_expansion(loss):
    """Where g is 1e-10, as at layer 7·10⁵, it has no digit left; at 10⁶ it says 70.6."""
    assert lost(Naive(), loss) != pytest.approx(LOST, abs=1e-4)


def test_a_recursion_off_by_a_layer_fails_the_table():
    found = crossings_over_depth(Late(), 0.3, DEPTHS)
    assert np.abs(found - CROSSINGS[0.3]).max() > 0.1


@given(st.floats(-1, 1), st.floats(0, 0.99))
def test_forward_is_the_formula_where_that_has_digits(cosine, slope):
    angle = math.acos(cosine)
    bend = (1 - slope) ** 2 / (1 + slope**2)
    told = cosine + bend * (math.sin(angle) - angle * math.cos(angle)) / math.pi
    found = Rectifier(slope).forward(np.asarray(1 - cosine))
    assert float(1 - found) == pytest.approx(told, abs=1e-14)


@given(st.floats(0.02, 1.98), st.floats(0, 1))
def test_backward_is_the_derivative_of_forward(loss, slope):
    """Price's theorem: f′(c) = σ_w² E[φ′ φ′], which is 1 at c = 1."""
    maps, step = Rectifier(slope), 1e-6
    ends = maps.forward(np.array([loss - step, loss + step]))
    assert (ends[1] - ends[0]) / (2 * step) == pytest.approx(
        float(maps.backward(np.asarray(loss))), abs=1e-6
    )


@pytest.mark.parametrize("slope", [0.0, 0.3])
@pytest.mark.parametrize("bias", [0.0, 0.4])
def test_maps_are_means_over_gaussian_numbers(slope, bias):
    """Against a plain mean of many draws, at the variance that layers settle at."""
    rng = np.random.default_rng(3)
    weight = edge_weight_std(slope) * (1 if bias == 0 else 0.8)
    gain = weight**2 * (1 + slope**2) / 2
    q = 1.0 if bias == 0 else bias**2 / (1 - gain)
    c = 0.35
    z = rng.normal(size=(2, 2_000_000)) * math.sqrt(q)
    u, v = z[0], c * z[0] + math.sqrt(1 - c * c) * z[1]
    phi, slopes = (lambda x: np.where(x > 0, x, slope * x)), (lambda x: np.where(x > 0, 1, slope))
    maps = Rectifier(slope, gain if bias else 1.0)
    told = (bias**2 + weight**2 * np.mean(phi(u) * phi(v))) / q
    assert float(1 - maps.forward(np.asarray(1 - c))) == pytest.approx(told, abs=4e-3)
    factor = np.mean(slopes(u) * slopes(v)) / np.mean(slopes(u) ** 2)
    assert float(maps.backward(np.asarray(1 - c))) == pytest.approx(factor, abs=2e-3)


@pytest.mark.parametrize("angle", [0.0099, 0.01, 0.0101])
def test_the_series_continues_the_formula(angle):
    loss = np.asarray(2 * math.sin(angle / 2) ** 2)
    exact = angle**3 / 3 - angle**5 / 30 + angle**7 / 840
    assert float(loss - Rectifier().forward(loss)) == pytest.approx(exact / math.pi, rel=1e-8)


def test_small_losses_keep_their_digits():
    loss = np.asarray(1e-14)
    lost = 2 * math.sqrt(2) / (3 * math.pi) * 1e-14**1.5
    found = Rectifier().forward(loss)
    assert float(loss - found) == pytest.approx(lost, rel=1e-6)


def test_ends():
    assert Rectifier().forward(np.asarray(0.0)) == 0
    assert Rectifier().backward(np.asarray(0.0)) == 1
    # Opposite inputs: rectified, they have nothing in common.
    assert Rectifier().forward(np.asarray(2.0)) == pytest.approx(1)
    assert Rectifier().backward(np.asarray(2.0)) == pytest.approx(0)
    # A linear network keeps every correlation.
    loss = np.linspace(0, 2, 9)
    np.testing.assert_array_equal(Rectifier(1.0).forward(loss), loss)


@pytest.mark.parametrize("wrong", [{"negative_slope": -1}, {"negative_slope": 1.1}, {"gain": 1.2}])
def test_refusals(wrong):
    with pytest.raises(ValueError, match="must be in"):
        Rectifier(**wrong)
