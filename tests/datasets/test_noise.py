"""Noise against its definition: how many labels, how strong, what stays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from layeratlas.datasets import (
    corrupt_inputs,
    corrupt_labels,
    draw_static_input_noise,
    draw_static_label_noise,
)

SEEDS = st.integers(0, 2**32 - 1)
FRACTIONS = st.floats(0, 1)


def some_labels(n: int, n_classes: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(n_classes, size=n)


@given(n=st.integers(1, 300), K=st.integers(1, 20), p=FRACTIONS, seed=SEEDS)
def test_exactly_int_pn_labels_are_redrawn(n, K, p, seed):
    labels = some_labels(n, K, seed)
    before = labels.copy()
    noise = draw_static_label_noise(labels, p, K, seed)
    assert noise.redrawn.sum() == int(p * n)
    np.testing.assert_array_equal(labels, before)
    np.testing.assert_array_equal(noise.clean_labels, before)
    np.testing.assert_array_equal(noise.labels[~noise.redrawn], before[~noise.redrawn])
    np.testing.assert_array_equal(noise.changed, noise.labels != before)
    assert not (noise.changed & ~noise.redrawn).any()
    assert noise.realised_flip_rate == noise.changed.mean()
    assert noise.labels.dtype == labels.dtype
    assert noise.labels.min() >= 0 and noise.labels.max() < K


@settings(max_examples=25)
@given(K=st.integers(2, 20), p=FRACTIONS, seed=SEEDS)
def test_flip_rate_is_p_less_the_lucky_draws(K, p, seed):
    n = 20_000
    rate = (1 - 1 / K) * p
    noise = draw_static_label_noise(some_labels(n, K, seed), p, K, seed)
    # Given which are redrawn, flips are binomial; 6 standard deviations, plus int()'s rounding.
    assert abs(noise.realised_flip_rate - rate) < 6 * np.sqrt(p / K / n) + 1 / n


def test_redrawn_classes_are_uniform():
    n, K = 100_000, 10
    noisy = corrupt_labels(np.zeros(n, dtype=int), 1.0, K, np.random.default_rng(0))
    counts = np.bincount(noisy, minlength=K)
    assert abs(counts / n - 1 / K).max() < 6 * np.sqrt(1 / K / n)


def test_corrupt_labels_is_the_formula():
    """The three-line version, with the same draws in the same order."""
    labels, p, K = some_labels(50, 10, 3), 0.3, 10
    rng = np.random.default_rng(7)
    expected = labels.copy()
    chosen = rng.choice(50, size=15, replace=False)
    expected[chosen] = rng.integers(K, size=15)
    np.testing.assert_array_equal(corrupt_labels(labels, p, K, np.random.default_rng(7)), expected)


@given(n=st.integers(2, 200), seed=SEEDS, p=st.floats(0.5, 1))
def test_fresh_noise_differs_from_step_to_step_and_static_noise_does_not(n, seed, p):
    labels = some_labels(200 + n, 10, seed)
    rng = np.random.default_rng(seed)
    first, second = (corrupt_labels(labels, p, 10, rng) for _ in range(2))
    assert (first != second).any()
    a, b = (draw_static_label_noise(labels, p, 10, seed) for _ in range(2))
    np.testing.assert_array_equal(a.labels, b.labels)
    other = draw_static_label_noise(labels, p, 10, seed + 1)
    assert (a.labels != other.labels).any()


@given(
    x=hnp.arrays(
        st.sampled_from([np.float32, np.float64]),
        hnp.array_shapes(min_dims=1, max_dims=4, max_side=6),
        elements=st.floats(-4, 4, width=32),
    ),
    p=st.floats(0, 3),
    seed=SEEDS,
)
def test_input_noise_is_the_formula(x, p, seed):
    before = x.copy()
    noisy = corrupt_inputs(x, p, np.random.default_rng(seed))
    epsilon = np.random.default_rng(seed).standard_normal(x.shape, dtype=x.dtype)
    s = np.sqrt(((x.astype(float) - x.astype(float).mean()) ** 2).mean())
    np.testing.assert_array_equal(x, before)
    assert noisy.dtype == x.dtype and noisy.shape == x.shape
    np.testing.assert_allclose(noisy, x + p * s * epsilon, rtol=1e-5, atol=1e-5)


@settings(max_examples=20)
@given(p=st.floats(0.01, 2), scale=st.floats(0.1, 10), seed=SEEDS)
def test_input_noise_has_standard_deviation_p_s(p, scale, seed):
    x = (scale * np.random.default_rng(seed).random((400, 1, 10, 10))).astype(np.float32)
    noise = draw_static_input_noise(x, p, seed)
    s = x.std(dtype=float)
    assert noise.sigma == pytest.approx(p * s)
    added = noise.images.astype(float) - x
    assert added.std() == pytest.approx(p * s, rel=0.03)
    assert abs(added.mean()) < 6 * p * s / np.sqrt(x.size)
    np.testing.assert_array_equal(noise.images, draw_static_input_noise(x, p, seed).images)


def test_no_noise_changes_nothing():
    labels, x = some_labels(40, 10, 0), np.random.default_rng(0).random((40, 3))
    assert not draw_static_label_noise(labels, 0.0, 10, 0).redrawn.any()
    np.testing.assert_array_equal(draw_static_input_noise(x, 0.0, 0).images, x)


def test_refusals():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"fraction between 0 and 1, got 1\.5"):
        corrupt_labels(np.zeros(3, dtype=int), 1.5, 10, rng)
    with pytest.raises(ValueError, match="fraction between 0 and 1, got nan"):
        corrupt_labels(np.zeros(3, dtype=int), float("nan"), 10, rng)
    with pytest.raises(ValueError, match="run from 0 to 10; 10 classes allow 0 to 9"):
        corrupt_labels(np.arange(11), 0.1, 10, rng)
    with pytest.raises(ValueError, match="zero or more, got -1"):
        corrupt_inputs(np.zeros(3), -1.0, rng)
    with pytest.raises(TypeError):
        corrupt_inputs(np.zeros(3, dtype=np.uint8), 1.0, rng)


def test_static_noise_of_labels_and_of_inputs_have_streams_of_their_own():
    """PCG64 of (seed, 1) and of (seed, 2): changing one noise leaves the other's draw."""
    labels = some_labels(60, 10, 3)
    expected = corrupt_labels(labels, 0.5, 10, np.random.default_rng([8, 1]))
    np.testing.assert_array_equal(draw_static_label_noise(labels, 0.5, 10, 8).labels, expected)
    x = np.random.default_rng(0).random((60, 5))
    expected = corrupt_inputs(x, 0.5, np.random.default_rng([8, 2]))
    np.testing.assert_array_equal(draw_static_input_noise(x, 0.5, 8).images, expected)


def test_the_spread_of_float32_inputs_is_summed_in_double():
    x = (1000 + np.random.default_rng(0).random((2000, 50))).astype(np.float32)
    deviations = x.astype(float) - x.astype(float).mean()
    sigma = 0.3 * np.sqrt((deviations**2).mean())
    assert draw_static_input_noise(x, 0.3, 1).sigma == pytest.approx(sigma, rel=1e-12)
