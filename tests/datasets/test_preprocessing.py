"""Pixels and subsets against naive twins."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from layeratlas.datasets import preprocess, sample_permutation
from layeratlas.datasets import preprocessing as module
from layeratlas.datasets.preprocessing import choose_samples, choose_test, split_pool


def some_images(n: int, channels: int, side: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(256, size=(n, channels, side, side), dtype=np.uint8)


def naive_weights(n_in: int, n_out: int, antialias: bool) -> np.ndarray:
    """(n_out, n_in) triangle filter around each new pixel's centre, every row summing to 1."""
    step = n_in / n_out
    radius = max(step, 1.0) if antialias else 1.0
    weights = np.zeros((n_out, n_in))
    for i in range(n_out):
        for j in range(n_in):
            distance = abs((j + 0.5) - (i + 0.5) * step)
            weights[i, j] = max(0.0, 1 - distance / radius)
    return weights / weights.sum(axis=1, keepdims=True)


@settings(max_examples=40, deadline=None)
@given(
    side=st.integers(1, 33),
    size=st.integers(1, 33),
    channels=st.sampled_from([1, 3]),
    antialias=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_resize_is_the_bilinear_formula(side, size, channels, antialias, seed):
    images = some_images(2, channels, side, seed)
    A = naive_weights(side, size, antialias)
    expected = np.einsum("ir,ncrs,js->ncij", A, images / 255, A)
    actual = preprocess(images, size=size, antialias=antialias)
    assert actual.dtype == np.float32
    # float32 positions of up to 33 pixels: 33 × 2⁻²⁴ in each direction
    np.testing.assert_allclose(actual, expected, atol=1e-5)


@given(max_value=st.integers(1, 255), seed=st.integers(0, 1000))
def test_pixels_become_0_to_1(max_value, seed):
    images = np.minimum(some_images(3, 1, 5, seed), max_value).astype(np.uint8)
    expected = images.astype(np.float32) / np.float32(max_value)
    np.testing.assert_allclose(preprocess(images, max_value=max_value), expected, rtol=1e-6)


def test_grey_is_the_luma():
    images = some_images(4, 3, 6, 0)
    grey = preprocess(images, grayscale=True)
    r, g, b = (images[:, i] / 255 for i in range(3))
    np.testing.assert_allclose(grey[:, 0], 0.299 * r + 0.587 * g + 0.114 * b, atol=1e-6)
    assert grey.shape == (4, 1, 6, 6)


def test_grey_images_stay_as_they_are():
    images = some_images(4, 1, 6, 0)
    np.testing.assert_array_equal(preprocess(images, grayscale=True), preprocess(images))


def test_grey_and_resize_commute():
    images = some_images(4, 3, 32, 0)
    together = preprocess(images, grayscale=True, size=10)
    resized = preprocess(images, size=10).astype(float)
    expected = np.einsum("c,ncij->nij", module.LUMA_WEIGHTS, resized)
    np.testing.assert_allclose(together[:, 0], expected, atol=1e-6)


def test_an_image_does_not_depend_on_its_batch(monkeypatch):
    images = some_images(37, 3, 32, 0)
    whole = preprocess(images, size=10)
    monkeypatch.setattr(module, "_BATCH", 5)
    np.testing.assert_array_equal(preprocess(images, size=10), whole)
    np.testing.assert_array_equal(preprocess(images[7:8], size=10)[0], whole[7])


@pytest.mark.parametrize("seed", [0, 1, 12345])
def test_subset_is_that_of_random_split(seed):
    parts = torch.utils.data.random_split(
        range(5000), [2560, 2440], generator=torch.Generator().manual_seed(seed)
    )
    train, test = split_pool(5000, 2560, None, seed)
    assert train.tolist() == list(parts[0].indices)
    assert test.tolist() == list(parts[1].indices)


@given(n=st.integers(0, 2000), seed=st.integers(0, 2**63 - 1))
@example(n=70_000, seed=2**32 + 1)
def test_permutation_is_that_of_torch(n, seed):
    expected = torch.randperm(n, generator=torch.Generator().manual_seed(seed))
    np.testing.assert_array_equal(sample_permutation(n, seed), expected.numpy())


def test_subset_does_not_depend_on_the_global_seed():
    torch.manual_seed(3)
    np.random.seed(3)
    first = sample_permutation(60_000, 1)
    torch.manual_seed(4)
    np.random.seed(4)
    np.testing.assert_array_equal(sample_permutation(60_000, 1), first)
    # torch's stream for seed 1: a change here would change every published subset.
    assert first[:5].tolist() == [35845, 27522, 33254, 23645, 11299]


def test_samples_are_of_the_pool_or_of_two_parts():
    train, test = choose_samples(10, None, 4, 3, seed=2)
    assert [*train, *test] == [*sample_permutation(10, 2)[:7]]
    train, test = choose_samples(10, 6, 4, 3, seed=2)
    assert [*train] == [*sample_permutation(10, 2)[:4]] and [*test] == [*choose_test(6, 3)]


@given(st.integers(2, 500), st.data())
def test_pool_parts_never_overlap(n_pool, data):
    n_train = data.draw(st.integers(1, n_pool - 1))
    n_test = data.draw(st.none() | st.integers(1, n_pool - n_train))
    train, test = split_pool(n_pool, n_train, n_test, seed=1)
    assert len(train) == n_train
    assert len(test) == (n_pool - n_train if n_test is None else n_test)
    assert len(set(train) | set(test)) == len(train) + len(test)


def test_test_subset_is_a_fair_sample_of_the_official_part():
    """The first of torch's permutation of seed 0, in the official order: not the first images."""
    order = torch.randperm(1000, generator=torch.Generator().manual_seed(0)).tolist()
    assert choose_test(1000, 30).tolist() == sorted(order[:30])
    assert choose_test(1000, 30).max() > 500


def test_test_subset_is_fixed_sorted_and_nested():
    small, large, whole = (choose_test(100, n) for n in (10, 40, 100))
    assert (np.diff(small) > 0).all() and set(small) < set(large)
    np.testing.assert_array_equal(whole, choose_test(100, None))
