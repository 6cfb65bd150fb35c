"""Mean cosines against loops over pairs."""

from __future__ import annotations

import itertools
import math

import hypothesis.strategies as st
import numpy as np
from hypothesis import given
from made.kernels_of_maps import made

from layeratlas.signals.tangent.correlations import correlations_of, cosines, pairs


def by_pairs(vectors):
    """Cosines of pairs that have directions, one by one."""
    found = []
    for a, b in itertools.combinations(vectors, 2):
        if (size := math.sqrt((a @ a) * (b @ b))) > 0:
            found.append(float(a @ b) / size)
    return found


@given(
    st.integers(1, 3), st.integers(2, 6), st.integers(1, 4), st.integers(0, 3), st.integers(0, 9)
)
def test_loops_over_pairs(outputs, n, positions, dead, seed):
    one = made("conv", outputs, n, positions, 5, 4, 1, True, seed)
    one.inputs[: min(dead, n - 2)] = 0
    one.cotangents[0, : min(dead, n - 2)] = 0
    found = correlations_of(one)
    forward = by_pairs(one.inputs.flatten(1).numpy())
    backward = [by_pairs(g) for g in one.cotangents.flatten(2).numpy()]
    np.testing.assert_allclose(found.forward, np.mean(forward), atol=1e-12)
    np.testing.assert_allclose(found.backward, np.mean([np.mean(b) for b in backward]), atol=1e-12)
    assert found.forward_left_out == pairs(n) - len(forward)
    assert found.backward_left_out == sum(pairs(n) - len(b) for b in backward)
    a = one.inputs.flatten(1)
    gram = (a - a.mean(0)) @ (a - a.mean(0)).T
    np.testing.assert_allclose(found.participation, gram.trace() ** 2 / (gram**2).sum())


def test_examples_that_are_all_dead_say_nothing():
    one = made("dense", 2, 4, 1, 5, 4, 1, True, 0)
    one.inputs[:] = 0
    found = correlations_of(one)
    assert math.isnan(found.forward) and found.forward_left_out == 6
    assert math.isnan(found.participation)


def test_cosines_of_all_pairs_in_order():
    one = made("dense", 2, 4, 1, 5, 4, 1, True, 0)
    x = one.inputs.flatten(1)
    np.testing.assert_allclose(cosines(x), by_pairs(x.numpy()), atol=1e-12)
    assert cosines(one.cotangents.flatten(2)).shape == (2, 6)
