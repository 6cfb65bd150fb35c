"""The compiled kernels: chains are independent, and a pause changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layeratlas.chains import kernels
from layeratlas.runs.streams import keys

LENGTH, TARGET = 5, 1.2


def state(chains: int) -> np.ndarray:
    """x_0 … x_{L+1} at rest, `(block, chain)`."""
    x = np.zeros((LENGTH + 2, chains))
    x[-1] = TARGET
    return x


def words(seeds) -> np.ndarray:
    return np.ascontiguousarray(keys(list(seeds), "springs").T)


def full(chains: int, value: float) -> np.ndarray:
    return np.full(chains, value)


def first(x, seeds, start, steps, record, *, right=0.05, left=0.08, noise=0.2):
    """Moves `x` in place; y − x at the recorded steps, `(record, block, chain)`."""
    n = x.shape[1]
    out = np.full((len(record), LENGTH + 1, n), np.nan)
    kernels.first_order(
        x, words(seeds), full(n, 1.0), full(n, 0.05), full(n, right), full(n, left),
        full(n, noise), noise > 0, start, steps, np.asarray(record), out,
    )  # fmt: skip
    return out


def second(x, v, seeds, start, steps, record, *, noise=0.02, common=True):
    n = x.shape[1]
    out, speed = (np.full((len(record), LENGTH + 1, n), np.nan) for _ in range(2))
    kernels.second_order(
        x, v, words(seeds), full(n, 0.3), full(n, 1.5), full(n, 0.8), full(n, 0.003),
        full(n, 0.004), full(n, noise), full(n, 0.01), full(n, 0.05), common, noise > 0,
        start, steps, np.asarray(record), out, speed,
    )  # fmt: skip
    return out, speed


@settings(max_examples=20, deadline=None)
@given(pause=st.integers(1, 29), chains=st.integers(1, 5))
def test_a_pause_changes_no_bit(pause, chains):
    seeds = range(chains)
    whole, parted = state(chains), state(chains)
    D = first(whole, seeds, 0, 30, [30])
    first(parted, seeds, 0, pause, [pause])
    np.testing.assert_array_equal(first(parted, seeds, pause, 30 - pause, [pause, 30])[1], D[0])
    np.testing.assert_array_equal(parted, whole)
    x, y = state(chains), state(chains)
    v, w = np.zeros_like(x), np.zeros_like(x)
    second(x, v, seeds, 0, 30, [30])
    second(y, w, seeds, 0, pause, [pause])
    second(y, w, seeds, pause, 30 - pause, [30])
    np.testing.assert_array_equal(x, y)
    np.testing.assert_array_equal(v, w)


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(6)))
def test_a_chain_does_not_see_its_neighbours(order):
    many = first(state(6), range(6), 0, 20, [20])
    other = first(state(6), order, 0, 20, [20])
    np.testing.assert_array_equal(other, many[:, :, list(order)])


def test_walls_stand_and_what_is_not_recorded_is_not_written():
    x = state(3)
    D = first(x, range(3), 0, 10, [5, 10, 20])
    assert (x[0] == 0).all()
    assert (x[-1] == TARGET).all()
    assert np.isfinite(D[:2]).all()
    assert np.isnan(D[2]).all()
    np.testing.assert_array_equal(D[1], TARGET - x[:-1])


def test_friction_above_the_pull_holds_the_chain():
    x = state(2)
    first(x, range(2), 0, 50, [50], right=2.0, left=2.0, noise=0.0)
    np.testing.assert_array_equal(x, state(2))


@pytest.mark.parametrize("common", [True, False])
def test_common_noise_moves_free_blocks_alike(common):
    x, v = np.zeros((LENGTH + 2, 1)), np.zeros((LENGTH + 2, 1))
    second(x, v, [1], 0, 1, [1], common=common)
    assert (len(np.unique(v[1:-1])) == 1) == common
    assert (v[[0, -1]] == 0).all()
