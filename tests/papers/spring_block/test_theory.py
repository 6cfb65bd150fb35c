"""Closed forms of the chain: values of the specification and force balance."""

import numpy as np
import pytest

from layeratlas.papers.spring_block.theory import noise_free_state, stationary_state


def test_values_of_the_specification():
    np.testing.assert_allclose(
        noise_free_state(7, 0.1), [0, 0, 0, 0, 0, 0.1, 0.3, 0.6, 1.0], atol=1e-15
    )
    D = 1 - stationary_state(7, 0.003, 0.004, stiffness=0.1)
    np.testing.assert_allclose(D[1:8], [0.8575, 0.72, 0.5875, 0.46, 0.3375, 0.22, 0.1075])


@pytest.mark.parametrize("friction", [0.0, 0.01, 0.03, 0.0357, 0.1, 0.4])
@pytest.mark.parametrize("length", [1, 3, 7, 12])
def test_noise_free_state_is_in_balance(friction, length):
    x = noise_free_state(length, friction)
    force = x[2:] - 2 * x[1:-1] + x[:-2]
    moved = x[1:-1] > 1e-14
    # Blocks that moved stopped where the pull equals friction; the others were never pulled free.
    np.testing.assert_allclose(force[moved], friction, atol=1e-12)
    assert (force[~moved] <= friction + 1e-12).all()
    assert x[0] == 0 and x[-1] == pytest.approx(1.0)


def test_all_blocks_move_below_the_threshold_only():
    # μ ≤ k y / (½ L (L + 1)) = 1/28 for L = 7.
    assert noise_free_state(7, 1 / 28 - 1e-6)[1] > 0
    assert noise_free_state(7, 1 / 28 + 1e-3)[1] == 0


def test_stationary_state_has_the_mean_force():
    x = stationary_state(7, 0.1, 0.15, stiffness=2.0, target=1.5)
    np.testing.assert_allclose(2.0 * np.diff(x, 2), (0.1 - 0.15) / 2)
    assert x[0] == 0 and x[-1] == pytest.approx(1.5)
