"""Threefry words and normals: known answers, a plain-Python twin, distributions."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made.words import MASK, threefry
from scipy import stats

from layeratlas.backends.data import data_kernels
from layeratlas.backends.fused import words as fused_words
from layeratlas.backends.plain import words as plain_words
from layeratlas.runs.streams import key, keys

WORDS = st.integers(0, 2**32 - 1)

# Random123 1.14, tests/kat_vectors, threefry2x32 20: counter, key, result.
KNOWN_ANSWERS = [
    ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
    ((MASK, MASK), (MASK, MASK), (0x1CB996FC, 0xBB002BE7)),
    ((0x243F6A88, 0x85A308D3), (0x13198A2E, 0x03707344), (0xC4923A9C, 0x483DF7A0)),
]


def words_of(backend):
    """The kernel of random words."""
    return backend.kernel(fused_words.random_words, plain_words.random_words)


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_known_answers(counter, key, answer):
    assert threefry(counter, key) == answer
    fused = fused_words.threefry(*(np.uint32(w) for w in (*key, *counter)))
    assert tuple(int(w) for w in fused) == answer


@given(k0=WORDS, k1=WORDS, stream=WORDS, half=st.integers(1, 40))
def test_both_backends_draw_the_words_of_the_plain_twin(backends, k0, k1, stream, half):
    expected = np.array([threefry((i, stream), (k0, k1)) for i in range(half)]).T.ravel()
    cpu, on_torch = backends("float64")
    fused = np.zeros(2 * half, np.uint32)
    words_of(cpu)(cpu.keys(np.array([k0, k1])), stream, fused)
    np.testing.assert_array_equal(fused, expected)
    stacked = on_torch.integers(2 * half)
    words_of(on_torch)(on_torch.keys(np.array([k0, k1])), stream, stacked)
    np.testing.assert_array_equal(on_torch.to_numpy(stacked), expected)


# --- normals -----------------------------------------------------------------------------------


def fused_normals(backend, words: np.ndarray, size: int, stream: int = 0) -> np.ndarray:
    """The standard normals that `add_input_noise` adds, `(member, size)`, size even."""
    signs = np.where(np.arange(size) % 2, 1.0, -1.0)  # mean 0 and standard deviation 1, exactly
    x = np.tile(signs[None, :, None], (len(words), 1, 1))
    noisy = x.copy()
    data_kernels(backend).add_input_noise(noisy, np.ones(len(words)), backend.keys(words), stream)
    return (noisy - x)[:, :, 0]


@pytest.fixture(scope="module")
def drawn(backends) -> np.ndarray:
    return fused_normals(backends("float64")[0], keys(range(4), "input_noise", 1), 100_000)


def test_normals_are_standard_normal(drawn):
    z = drawn.ravel()
    n = z.size
    assert abs(z.mean()) < 5 / math.sqrt(n)
    assert abs(z.var() - 1) < 5 * math.sqrt(2 / n)
    assert abs(stats.skew(z)) < 5 * math.sqrt(6 / n)
    assert abs(stats.kurtosis(z)) < 5 * math.sqrt(24 / n)
    assert stats.kstest(z, "norm").pvalue > 1e-3


def test_partners_and_members_are_independent(drawn):
    n = drawn.shape[1]
    a, b = drawn[:, : n // 2].ravel(), drawn[:, n // 2 :].ravel()
    for x, y in [(a, b), (a**2, b**2), (a[1:], a[:-1]), (drawn[0], drawn[1])]:
        assert abs(np.corrcoef(x, y)[0, 1]) < 5 / math.sqrt(len(x))


def test_polynomials_are_as_good_as_they_say(backends):
    """Against logarithm, sine and cosine in float64 of the same words: |error| < 2e-6."""
    words = keys(range(3), "input_noise", 7)
    size = 400_000
    cpu, on_torch = backends("float64")
    exact = on_torch.to_numpy(plain_words.normals(on_torch.keys(words), size, 5))
    assert np.abs(fused_normals(cpu, words, size, 5) - exact).max() < 2e-6


def test_polynomials_at_the_edges_of_their_ranges():
    ends = [0, 1, 511, 512, 2**31 - 1, 2**31, 2**32 - 513, 2**32 - 512, MASK]
    # u around the square root of one half, where the logarithm's range reduction switches.
    ends += [int(2.0**31.5) + step for step in range(-2048, 2049, 512)]
    eighths = [i * 2**29 + step for i in range(9) for step in (-1, 0, 1)]
    turns = [t for t in eighths if 0 <= t <= MASK]
    for b0, b1 in itertools.product(ends, turns):
        u = (b0 >> 9) * 2.0**-23 + 2.0**-24
        radius, angle = math.sqrt(-2 * math.log(u)), 2 * math.pi * b1 / 2**32
        pair = fused_words.box_muller(np.uint32(b0), np.uint32(b1))
        exact = (radius * math.cos(angle), radius * math.sin(angle))
        np.testing.assert_allclose(pair, exact, rtol=0, atol=2e-6)


PURPOSES = ("shuffle", "label_noise", "input_noise", "dropout")


def test_streams_do_not_overlap(backends):
    """No 64-bit word of one stream turns up in another: 2,000 elements of 120 streams."""
    cpu, _ = backends("float64")
    drawn = []
    for seed, purpose, epoch, stream in itertools.product(range(5), PURPOSES, (1, 2), (0, 1, 9)):
        words = np.zeros(4000, np.uint32)
        words_of(cpu)(key(seed, purpose, epoch), stream, words)
        drawn.append(words[:2000].astype(np.uint64) << np.uint64(32) | words[2000:])
    everything = np.concatenate(drawn)
    assert len(np.unique(everything)) == len(everything)
