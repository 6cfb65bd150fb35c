"""Correlations layer after layer."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made.recursions import plain_relu

from layeratlas.infinite_width.recursion import correlations, network_correlations
from layeratlas.infinite_width.relu import Rectifier
from layeratlas.infinite_width.smooth import smooth


@given(st.lists(st.floats(-0.99, 0.99), min_size=1, max_size=4), st.integers(2, 12))
def test_every_pair_goes_its_own_way(cosines, layers):
    found = correlations(Rectifier(), np.array(cosines), layers)
    assert found.loss.shape == found.backward.shape == (len(cosines), layers)
    for k, cosine in enumerate(cosines):
        forward, backward = plain_relu(cosine, layers)
        np.testing.assert_allclose(found.forward[k], forward, atol=1e-13)
        np.testing.assert_allclose(found.backward[k], backward, atol=1e-13)


def test_one_pair_has_no_axis():
    assert correlations(Rectifier(), 0.3, 5).loss.shape == (5,)


def test_networks_without_biases_show_the_correlations_themselves():
    one, other = correlations(Rectifier(), 0.3, 9), network_correlations(Rectifier(), 0.3, 9)
    np.testing.assert_array_equal(one.loss, other.loss)
    np.testing.assert_array_equal(one.backward, other.backward)


def test_biases_make_pre_activations_more_alike_than_what_is_read():
    maps = smooth("tanh", 1.327, math.sqrt(0.05))
    read = network_correlations(maps, 0.3, 9)
    inner = correlations(maps, 1 - 0.7 * (1 - maps.shared), 9)
    assert read.loss[0] == pytest.approx(0.7)
    np.testing.assert_allclose(read.loss * (1 - maps.shared), inner.loss)
    np.testing.assert_allclose(read.backward, inner.backward)


def test_a_map_for_each_layer():
    mixed = [Rectifier(0.0), Rectifier(0.5), Rectifier(0.0)]
    found = correlations(mixed, 0.3, 4)
    loss = np.asarray(0.7)
    for k, maps in enumerate(mixed):
        assert found.loss[k] == loss
        loss = maps.forward(loss)
    assert found.backward[2] == mixed[2].backward(found.loss[2])
    assert found.backward[1] == pytest.approx(
        float(found.backward[2] * mixed[1].backward(found.loss[1]))
    )


@pytest.mark.parametrize("carry", [correlations, network_correlations])
def test_refusals(carry):
    with pytest.raises(ValueError, match="1 is too few"):
        carry(Rectifier(), 0.3, 1)
    with pytest.raises(ValueError, match="between -1 and 1"):
        carry(Rectifier(), [0.3, 1.2], 5)
    with pytest.raises(ValueError, match="between -1 and 1"):
        carry(Rectifier(), math.nan, 5)
    with pytest.raises(ValueError, match="4 layers take 3 maps, not 2"):
        carry([Rectifier()] * 2, 0.3, 4)
