"""Dropout of either backend's dense layers: its rate, its mean, its independence."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from layeratlas.backends.cpu import CpuBackend
from layeratlas.backends.dense import dense_kernels
from layeratlas.runs.streams import keys


@pytest.fixture(scope="module")
def backend():
    return CpuBackend("float64")


@pytest.mark.parametrize("rate", [0.02, 0.28, 0.5, 0.97])
def test_dropout_drops_at_its_rate_and_keeps_the_mean(backend, rate):
    members, n, d = 5, 300, 101  # an odd size: not all elements come four to a word
    mask = np.ones((members, n, d))
    vectors = (backend.vector(np.full(members, v)) for v in (0.5, rate))
    words = backend.keys(keys(range(members), "dropout", 1))
    dense_kernels(backend).bias_activation_forward(mask, np.zeros((members, d)), *vectors, words, 4)
    threshold = round(rate * 65536)
    assert set(np.unique(mask)) == {0.0, 65536 / (65536 - threshold)}
    se = math.sqrt(rate * (1 - rate) / (n * d))
    assert (np.abs((mask == 0).mean(axis=(1, 2)) - rate) < 5 * se).all()
    # Neither rows, columns nor members are dropped together.
    dropped = (mask == 0).reshape(members, -1).astype(float)
    for a, b in itertools.combinations(dropped, 2):
        assert abs(np.corrcoef(a, b)[0, 1]) < 5 / math.sqrt(n * d)
    for axis, count in ((1, d), (2, n)):
        spread = (mask == 0).mean(axis=axis).var(axis=1)
        expected = rate * (1 - rate) / mask.shape[axis]
        assert (np.abs(spread / expected - 1) < 6 * math.sqrt(2 / count)).all()
