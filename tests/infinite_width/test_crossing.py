"""Where two sequences meet."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.infinite_width.crossing import crossing, crossing_of, crossings_over_depth
from layeratlas.infinite_width.relu import Rectifier


def plain(loss, backward):
    """One network, layer by layer."""
    for k in range(len(loss)):
        if backward[k] > loss[k]:
            if k == 0:
                return 1.0
            before, after = backward[k - 1] - loss[k - 1], backward[k] - loss[k]
            return k + before / (before - after)
    return float(len(loss))


@given(st.integers(1, 4), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_networks_are_read_one_by_one(networks, layers, seed):
    draw = np.random.default_rng(seed)
    loss, backward = draw.random((2, networks, layers))
    found = crossing(loss, backward)
    for k in range(networks):
        assert found[k] == pytest.approx(plain(loss[k], backward[k]), rel=1e-12)


def test_hand_made():
    # Between layers 2 and 3: 0.6 − 0.4 = 0.2 above, 0.1 below.
    assert crossing([0.9, 0.6, 0.4, 0.1], [0.1, 0.4, 0.5, 1]) == pytest.approx(2 + 0.2 / 0.3)
    assert crossing([0.2, 0.1], [0.5, 1]) == 1
    assert crossing([1.2, 1.1], [0.5, 1]) == 2
    # In balance at a layer itself.
    assert crossing([0.9, 0.5, 0.1], [0.1, 0.5, 1]) == 2


def test_networks_of_several_depths():
    nan = np.nan
    loss = np.array([[0.9, 0.6, 0.4, 0.1], [0.9, 0.6, nan, nan], [nan] * 4])
    backward = np.array([[0.1, 0.4, 0.5, 1], [0.1, 0.4, nan, nan], [nan] * 4])
    np.testing.assert_allclose(crossing(loss, backward), [2 + 0.2 / 0.3, 2, nan])


def test_depths_from_one_recursion_are_those_of_each():
    depths = [2, 5, 17, 40]
    one = crossings_over_depth(Rectifier(0.2), 0.3, depths)
    many = [float(crossing_of(Rectifier(0.2), 0.3, depth)) for depth in depths]
    np.testing.assert_allclose(one, many, rtol=1e-12)


def test_a_crossing_for_every_pair():
    cosines = np.array([0.0, 0.3, 0.8])
    found = crossing_of(Rectifier(), cosines, 20)
    np.testing.assert_allclose(found, [crossing_of(Rectifier(), c, 20) for c in cosines])
