"""Sums over samples and units: their values, and their bits whatever lies beside them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.probes.sums import norm, rms, total


@given(
    seed=st.integers(0, 10**6),
    settings=st.integers(1, 4),
    samples=st.integers(1, 5),
    units=st.integers(1, 40),
)
def test_against_exact_sums(seed, settings, samples, units):
    x = np.random.default_rng(seed).standard_normal((settings, samples, units))
    for i in range(settings):
        assert total(x)[i] == pytest.approx(math.fsum(x[i].ravel()), abs=1e-12)
        square = math.fsum(v * v for v in x[i].ravel())
        assert norm(x)[i] == pytest.approx(math.sqrt(square))
        assert rms(x)[i] == pytest.approx(math.sqrt(square / x[i].size))


def test_neighbours_and_layout_leave_the_bits():
    x = np.random.default_rng(0).standard_normal((7, 5, 300))
    turned = np.asfortranarray(x)
    for f in (total, norm, rms):
        np.testing.assert_array_equal(f(turned), f(x))
        np.testing.assert_array_equal([f(x[i : i + 1])[0] for i in range(7)], f(x))
