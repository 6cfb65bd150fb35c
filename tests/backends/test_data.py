"""Noise drawn in training against its definition: the same distribution, counts exact."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from layeratlas.backends.cpu import CpuBackend
from layeratlas.backends.data import data_kernels
from layeratlas.datasets import corrupt_inputs, corrupt_labels
from layeratlas.runs.streams import keys


@pytest.fixture(scope="module")
def backend():
    return CpuBackend("float64")


def fresh_labels(backend, labels: np.ndarray, p: float, n_classes: int) -> np.ndarray:
    noisy = labels.copy()
    words = backend.keys(keys(range(len(labels)), "label_noise", 1))
    data_kernels(backend).replace_labels(noisy, np.full(len(labels), p), n_classes, words, 3)
    return noisy


# 0.29 · 100 is 28.999… in float64: the definition says int(), so 28.
@pytest.mark.parametrize(("p", "n"), [(0.29, 100), (0.7, 10), (0.3, 1000), (0.57, 100), (1.0, 7)])
def test_label_counts_are_those_of_the_definition(backend, p, n):
    outside = np.full((2, n), 10)
    fresh = fresh_labels(backend, outside, p, 10)
    assert set((fresh < 10).sum(axis=1)) == {int(p * n)}
    reference = corrupt_labels(np.zeros(n, int), p, 10**6, np.random.default_rng(0))
    assert (reference != 0).sum() == int(p * n)


def test_label_noise_has_the_distribution_of_the_definition(backend):
    members, n, K, p = 4000, 20, 5, 0.4
    labels = np.random.default_rng(0).integers(K, size=(members, n))
    rng = np.random.default_rng(1)
    fresh = fresh_labels(backend, labels, p, K)
    reference = np.stack([corrupt_labels(row, p, K, rng) for row in labels])
    rate, se = p * (1 - 1 / K), math.sqrt(p * (1 - 1 / K) / K / (members * n))
    for noisy in (fresh, reference):
        assert abs((noisy != labels).mean() - rate) < 5 * se
    # How many of a batch's labels change is the same mixture of binomials.
    flips = [np.bincount((x != labels).sum(axis=1), minlength=9)[2:] for x in (fresh, reference)]
    assert stats.chi2_contingency(flips).pvalue > 1e-3


def test_redrawn_positions_and_classes_are_uniform(backend):
    members, n, K = 6000, 12, 7
    fresh = fresh_labels(backend, np.full((members, n), K), 0.5, K)
    redrawn = fresh < K
    # Each batch redraws exactly half: positions are less scattered than a multinomial.
    expected = members / 2
    statistic = ((redrawn.sum(axis=0) - expected) ** 2 / expected).sum() * 2 * (n - 1) / n
    assert stats.chi2(n - 1).sf(statistic) > 1e-3
    assert stats.chisquare(np.bincount(fresh[redrawn], minlength=K)).pvalue > 1e-3


def test_input_noise_has_the_distribution_of_the_definition(backend):
    p, n, d = 0.3, 200, 101
    x = np.random.default_rng(0).uniform(size=(3, n, d)) ** 2
    noisy = x.copy()
    words = backend.keys(keys(range(3), "input_noise", 1))
    data_kernels(backend).add_input_noise(noisy, np.full(3, p), words, 2)
    rng = np.random.default_rng(1)
    for e in range(3):
        fresh = (noisy[e] - x[e]).ravel()
        reference = (corrupt_inputs(x[e], p, rng) - x[e]).ravel()
        sigma = p * x[e].std()
        for noise in (fresh, reference):
            assert abs(noise.std() / sigma - 1) < 5 / math.sqrt(2 * n * d)
            assert abs(noise.mean()) < 5 * sigma / math.sqrt(n * d)
        assert stats.ks_2samp(fresh, reference).pvalue > 1e-3


def test_noise_is_fresh_at_every_step_and_epoch(backend):
    x = np.random.default_rng(0).normal(size=(1, 5, 4))
    seen = []
    for epoch, step in itertools.product((1, 2), (0, 1)):
        noisy = x.copy()
        words = backend.keys(keys([1], "input_noise", epoch))
        data_kernels(backend).add_input_noise(noisy, np.ones(1), words, step)
        seen.append(noisy - x)
    for a, b in itertools.combinations(seen, 2):
        assert (a != b).all()


def test_permutations_are_uniform(backend):
    order = np.zeros((24_000, 4), np.int64)
    data_kernels(backend).permutations(
        backend.keys(keys(range(len(order)), "shuffle", 1)), 0, order
    )
    code = order @ [64, 16, 4, 1]
    counts = np.unique(code, return_counts=True)[1]
    assert len(counts) == 24
    assert stats.chisquare(counts).pvalue > 1e-3


def test_every_image_is_as_likely_at_every_place(backend):
    n = 30
    order = np.zeros((9000, n), np.int64)
    data_kernels(backend).permutations(
        backend.keys(keys(range(len(order)), "shuffle", 5)), 0, order
    )
    table = np.stack([np.bincount(order[:, place], minlength=n) for place in range(n)])
    expected = len(order) / n
    statistic = ((table - expected) ** 2 / expected).sum()
    assert stats.chi2((n - 1) ** 2).sf(statistic * (n - 1) / n) > 1e-3
