"""The integrators against one-chain-at-a-time NumPy, exact states, and physics that can fail."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layeratlas.chains.integrators import first_order, second_order
from layeratlas.chains.stability import first_order_limit, second_order_limit
from layeratlas.papers.spring_block.theory import noise_free_state, stationary_state

torch = pytest.importorskip("torch")

from layeratlas.backends.plain.words import threefry  # noqa: E402
from layeratlas.runs.streams import keys  # noqa: E402


def draws(seed: int, step: int, length: int, noise: float) -> np.ndarray:
    """Normals of one step, straight from the words: the twin of the kernel's `_normals`."""
    if noise == 0:
        return np.zeros(length)
    words = torch.as_tensor(keys([seed], "springs").astype(np.int64))
    values = []
    for pair in range((length + 1) // 2):
        # Element = step, stream = pair of blocks.
        b0, b1 = (int(w[0, step]) for w in threefry(words, step + 1, pair))
        u = (b0 >> 8) * 2.0**-24 + 2.0**-25
        turn = b1 * 2 * np.pi / 2**32
        radius = np.sqrt(-2 * np.log(u))
        values += [radius * np.cos(turn), radius * np.sin(turn)]
    return np.array(values[:length])


def naive_first_order(seed, length, steps, k, y, eta, right, left, noise):
    x = np.zeros(length + 2)
    x[-1] = y
    for step in range(1, steps + 1):
        z = k * (x[2:] - 2 * x[1:-1] + x[:-2]) + noise * draws(seed, step, length, noise)
        x[1:-1] += eta * (np.maximum(z - right, 0) - np.maximum(-z - left, 0))
    return y - x[:-1]


@settings(max_examples=20, deadline=None)
@given(
    length=st.integers(1, 8),
    chains=st.integers(1, 5),
    right=st.floats(0, 0.3),
    left=st.floats(0, 0.3),
    noise=st.floats(0, 0.5),
    k=st.floats(0.2, 2.0),
)
def test_first_order_equals_one_chain_at_a_time(length, chains, right, left, noise, k):
    eta = 0.4 * first_order_limit(length, k)
    got = first_order(
        length=length, steps=12, record=[12], seeds=range(chains), friction_right=right,
        friction_left=left, noise=noise, stiffness=k, target=1.3, step_size=eta,
    )  # fmt: skip
    for seed in range(chains):
        want = naive_first_order(seed, length, 12, k, 1.3, eta, right, left, noise)
        # Normals come from float32 polynomials, accurate to 2e-6.
        np.testing.assert_allclose(got[seed, 0], want, atol=1e-5)


def naive_second_order(seed, length, steps, k, m, gamma, y, dt, right, left, noise, decay, common):
    x, v = np.zeros(length + 2), np.zeros(length + 2)
    x[-1] = y
    for step in range(1, steps + 1):
        xi = draws(seed, step, length, noise)
        xi = np.full(length, xi.sum()) if common else xi
        inner = v[1:-1]
        friction = np.where(inner > 0, right, np.where(inner < 0, -left, 0.0))
        force = (k * (x[2:] - 2 * x[1:-1] + x[:-2]) - gamma * inner) / m - friction
        strength = noise * np.exp(-decay * dt * (step - 1)) * np.sqrt(dt)
        x = x + dt * v
        v = v.copy()
        v[1:-1] = inner + dt * force + strength * xi
    return y - x[:-1], v[:-1]


@settings(max_examples=12, deadline=None)
@given(
    length=st.integers(1, 7),
    right=st.floats(0, 0.01),
    left=st.floats(0, 0.01),
    noise=st.floats(0, 0.05),
    common=st.booleans(),
)
def test_second_order_equals_one_chain_at_a_time(length, right, left, noise, common):
    got, speed = second_order(
        length=length, steps=15, record=[0, 7, 15], seeds=[3, 4], friction_right=right,
        friction_left=left, noise=noise, noise_decay=0.01, stiffness=0.3, mass=1.5, damping=0.8,
        target=0.9, step_size=0.05, common_noise=common,
    )  # fmt: skip
    for i, seed in enumerate([3, 4]):
        want, velocity = naive_second_order(
            seed, length, 15, 0.3, 1.5, 0.8, 0.9, 0.05, right, left, noise, 0.01, common
        )
        np.testing.assert_allclose(got[i, 2], want, atol=1e-6)
        np.testing.assert_allclose(speed[i, 2], velocity, atol=1e-6)
        np.testing.assert_array_equal(got[i, 0], 0.9)


# "cpu:0" is torch's name of the processor: the GPU's code, on this machine.
TORCH_DEVICES = [
    "cpu:0",
    pytest.param(
        "cuda",
        marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA GPU"),
    ),
]


@pytest.mark.parametrize("device", TORCH_DEVICES)
@settings(max_examples=15, deadline=None)
@given(length=st.integers(1, 8), noise=st.sampled_from([0.0, 0.2]), seed=st.integers(0, 50))
def test_torch_moves_first_order_chains_alike(device, length, noise, seed):
    rng = np.random.default_rng(seed)
    given = {
        "length": length, "steps": 40, "record": [0, 1, 17, 40], "seeds": range(seed, seed + 5),
        "friction_right": rng.uniform(0, 0.2, 5), "friction_left": rng.uniform(0, 0.2, 5),
        "noise": noise * rng.uniform(0, 1, 5), "stiffness": rng.uniform(0.5, 1.5, 5),
        "target": rng.uniform(-1, 2, 5), "step_size": 0.05,
    }  # fmt: skip
    done = []
    got = first_order(**given, device=device, progress=done.append)
    np.testing.assert_allclose(got, first_order(**given), atol=1e-5)
    assert sum(done) == 5 * 40


@pytest.mark.parametrize("device", TORCH_DEVICES)
@pytest.mark.parametrize("common", [True, False])
@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_torch_moves_second_order_chains_alike(device, common, noise):
    given = {
        "length": 5, "steps": 60, "record": [0, 30, 60], "seeds": [1, 2, 3],
        "friction_right": [0.0, 0.003, 0.01], "friction_left": 0.004, "noise": noise,
        "noise_decay": 0.01, "stiffness": 0.3, "mass": 1.5, "damping": 0.8, "target": 0.9,
        "step_size": 0.05, "common_noise": common,
    }  # fmt: skip
    for ours, theirs in zip(
        second_order(**given, device=device), second_order(**given), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_torch_draws_the_same_in_any_batch_of_steps(monkeypatch):
    from layeratlas.chains import torch_integrators as torch_chains

    given = {
        "length": 3, "steps": 50, "record": [50], "seeds": [1, 2], "friction_right": 0.1,
        "friction_left": 0.15, "noise": 0.3, "device": "cpu:0",
    }  # fmt: skip
    whole = first_order(**given)
    monkeypatch.setattr(torch_chains, "_NORMALS", 8 * 2 * 4 * 7)
    np.testing.assert_array_equal(first_order(**given), whole)


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


def test_just_above_the_bound_the_scheme_blows_up():
    """The refused step is really unstable and the allowed one is not."""
    limit = first_order_limit(7, 1.0)
    stable = naive_first_order(0, 7, 2000, 1.0, 1.0, 0.999 * limit, 0.0, 0.0, 0.0)
    unstable = naive_first_order(0, 7, 2000, 1.0, 1.0, 1.01 * limit, 0.0, 0.0, 0.0)
    assert np.abs(stable).max() < 3
    assert np.abs(unstable).max() > 1e3
    for gamma, k in ((1.0, 0.1), (0.3, 1.0), (3.0, 0.5)):
        dt = second_order_limit(7, k, 1.0, gamma)
        args = (k, 1.0, gamma, 1.0)
        stable, _ = naive_second_order(0, 7, 4000, *args, 0.99 * dt, 0, 0, 0, 0, False)
        unstable, _ = naive_second_order(0, 7, 4000, *args, 1.5 * dt, 0, 0, 0, 0, False)
        assert np.abs(stable).max() < 10
        assert not np.abs(unstable).max() < 1e3


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
