"""The integrators against one-chain-at-a-time NumPy, exact states, and physics that can fail."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layeratlas.chains.integrators import first_order, second_order
from layeratlas.chains.stability import first_order_limit
from layeratlas.papers.spring_block.theory import noise_free_state, stationary_state


@settings(max_examples=20, deadline=None)
@given(
    length=st.integers(1, 8),
    chains=st.integers(1, 5),
    right=st.floats(0, 0.3),
    left=st.floats(0, 0.3),
    noise=st.floats(0, 0.5),
    k=st.floats(0.2, 2.0),
)
def test_first_order_equals_one_chain_at_a_time(naive, length, chains, right, left, noise, k):
    eta = 0.4 * first_order_limit(length, k)
    got = first_order(
        length=length, steps=12, record=[12], seeds=range(chains), friction_right=right,
        friction_left=left, noise=noise, stiffness=k, target=1.3, step_size=eta,
    )  # fmt: skip
    for seed in range(chains):
        want = naive.first_order(seed, length, 12, k, 1.3, eta, right, left, noise)
        # Normals come from float32 polynomials, accurate to 2e-6.
        np.testing.assert_allclose(got[seed, 0], want, atol=1e-5)


@settings(max_examples=12, deadline=None)
@given(
    length=st.integers(1, 7),
    right=st.floats(0, 0.01),
    left=st.floats(0, 0.01),
    noise=st.floats(0, 0.05),
    common=st.booleans(),
)
def test_second_order_equals_one_chain_at_a_time(naive, length, right, left, noise, common):
    got, speed = second_order(
        length=length, steps=15, record=[0, 7, 15], seeds=[3, 4], friction_right=right,
        friction_left=left, noise=noise, noise_decay=0.01, stiffness=0.3, mass=1.5, damping=0.8,
        target=0.9, step_size=0.05, common_noise=common,
    )  # fmt: skip
    for i, seed in enumerate([3, 4]):
        want, velocity = naive.second_order(
            seed, length, 15, 0.3, 1.5, 0.8, 0.9, 0.05, right, left, noise, 0.01, common
        )
        np.testing.assert_allclose(got[i, 2], want, atol=1e-6)
        np.testing.assert_allclose(speed[i, 2], velocity, atol=1e-6)
        np.testing.assert_array_equal(got[i, 0], 0.9)


def test_a_chain_does_not_see_its_neighbours():
    common = {"length": 7, "steps": 200, "record": [50, 200], "friction_left": 0.15}
    noise = np.linspace(0, 0.5, 300)
    many = first_order(seeds=range(300), friction_right=0.1, noise=noise, **common)
    for i in (0, 1, 127, 128, 299):
        alone = first_order(seeds=[i], friction_right=0.1, noise=noise[i], **common)
        # A batch with noise draws for its noiseless chains too, and multiplies by zero.
        np.testing.assert_array_equal(many[i], alone[0])


@pytest.mark.parametrize("friction", [0.0, 0.02, 0.05, 0.1, 0.3])
def test_noise_free_final_state_is_exact(friction):
    final = first_order(
        length=7, steps=200_000, record=[200_000], seeds=[1], friction_right=friction,
        friction_left=0.15, noise=0.0,
    )  # fmt: skip
    np.testing.assert_allclose(1 - final[0, 0], noise_free_state(7, friction)[:8], atol=1e-12)


def convexity(D):
    chord = D[..., :1] + (D[..., -1:] - D[..., :1]) * np.arange(D.shape[-1]) / (D.shape[-1] - 1)
    return (chord - D).mean(-1) / (D.max(-1) - D.min(-1))


def test_stationary_parabola_and_its_negative_control():
    common = {"length": 7, "steps": 10_000, "record": [10_000], "seeds": range(200), "noise": 0.5}
    asymmetric = first_order(friction_right=0.1, friction_left=0.15, **common)[:, 0]
    want = 1 - stationary_state(7, 0.1, 0.15)[:8]
    scatter = asymmetric.std(axis=0) / np.sqrt(200)
    assert (np.abs(asymmetric.mean(axis=0) - want)[1:] < 5 * scatter[1:]).all()
    assert convexity(asymmetric.mean(axis=0)) > 0.05
    # Symmetric friction: however strong the noise, straight and never convex.
    symmetric = first_order(friction_right=0.1, friction_left=0.1, **common)[:, 0]
    assert abs(convexity(symmetric.mean(axis=0))) < 0.02
    # The other way round, concave.
    reverse = first_order(friction_right=0.15, friction_left=0.1, **common)[:, 0]
    assert convexity(reverse.mean(axis=0)) < -0.05


@pytest.mark.parametrize(
    "change, words",
    [
        ({"friction_right": -0.1}, "friction_right must be a number ≥ 0; got -0.1"),
        ({"friction_left": float("nan")}, "friction_left"),
        ({"noise": -1.0}, "noise must be"),
        ({"stiffness": 0.0}, "stiffness must be positive"),
        ({"step_size": 0.6}, "below 0.519"),
        ({"step_size": 0.0}, "step_size must be positive"),
        ({"record": [11]}, "steps from 0 to 10"),
    ],
)
def test_impossible_chains_are_refused(change, words):
    settings_ = {
        "length": 7, "steps": 10, "record": [10], "seeds": [1], "friction_right": 0.1,
        "friction_left": 0.1, "noise": 0.1,
    }  # fmt: skip
    with pytest.raises(ValueError, match=words):
        first_order(**{**settings_, **change})
