"""Bounds on steps are those at which explicit schemes really blow up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.chains.stability import first_order_limit, largest_mode, second_order_limit


def second_differences(length: int) -> np.ndarray:
    """−x_{l+1} + 2 x_l − x_{l−1} of a chain between two walls."""
    return 2 * np.eye(length) - np.eye(length, k=1) - np.eye(length, k=-1)


@given(st.integers(1, 12))
def test_the_largest_mode_is_the_largest_eigenvalue(length):
    expected = np.linalg.eigvalsh(second_differences(length))[-1]
    assert largest_mode(length) == pytest.approx(expected)


@given(st.integers(1, 10), st.floats(0.1, 5.0))
def test_the_first_order_limit_is_where_the_step_s_matrix_leaves_the_unit_circle(length, k):
    limit = first_order_limit(length, k)
    for step, stable in ((0.999 * limit, True), (1.001 * limit, False)):
        matrix = np.eye(length) - step * k * second_differences(length)
        assert (abs(np.linalg.eigvals(matrix)).max() < 1) == stable


@given(st.integers(1, 8), st.floats(0.05, 2.0), st.floats(0.3, 3.0), st.floats(0.1, 4.0))
def test_the_second_order_limit_is_where_the_step_s_matrix_leaves_it(length, k, mass, damping):
    limit = second_order_limit(length, k, mass, damping)
    force = -k / mass * second_differences(length)
    zero, one = np.zeros((length, length)), np.eye(length)
    flow = np.block([[zero, one], [force, -damping / mass * one]])
    for step, stable in ((0.999 * limit, True), (1.001 * limit, False)):
        eigenvalues = np.linalg.eigvals(np.eye(2 * length) + step * flow)
        assert (abs(eigenvalues).max() < 1) == stable


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_just_above_the_bound_the_scheme_blows_up(naive):
    """The refused step is really unstable and the allowed one is not."""
    limit = first_order_limit(7, 1.0)
    stable = naive.first_order(0, 7, 2000, 1.0, 1.0, 0.999 * limit, 0.0, 0.0, 0.0)
    unstable = naive.first_order(0, 7, 2000, 1.0, 1.0, 1.01 * limit, 0.0, 0.0, 0.0)
    assert np.abs(stable).max() < 3
    assert np.abs(unstable).max() > 1e3
    for gamma, k in ((1.0, 0.1), (0.3, 1.0), (3.0, 0.5)):
        dt = second_order_limit(7, k, 1.0, gamma)
        args = (k, 1.0, gamma, 1.0)
        stable, _ = naive.second_order(0, 7, 4000, *args, 0.99 * dt, 0, 0, 0, 0, False)
        unstable, _ = naive.second_order(0, 7, 4000, *args, 1.5 * dt, 0, 0, 0, 0, False)
        assert np.abs(stable).max() < 10
        assert not np.abs(unstable).max() < 1e3
