"""Products of drawn matrices against dense double-precision ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.probes.products import product, transposed_product


@given(
    seed=st.integers(0, 10**6),
    vectors=st.integers(1, 9),
    rows=st.integers(1, 40),
    columns=st.integers(1, 40),
)
def test_against_dense_products(seed, vectors, rows, columns):
    rng = np.random.default_rng(seed)
    stored = rng.integers(-9, 9, (columns, rows)).astype(rng.choice(["i2", "f4", "f8"]))
    u = np.maximum(rng.standard_normal((vectors, 1, columns)), 0)
    v = rng.standard_normal((vectors, 1, rows))
    factor = rng.standard_normal((vectors, 1, columns)) * (u > 0)
    dense = stored.T.astype(float)
    for matrix in (stored.T, dense):
        np.testing.assert_allclose(product(matrix, u), u @ dense.T, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(
            transposed_product(matrix, v, factor, 0.25), factor * (v @ dense) / 4, atol=1e-12
        )


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_divergence_stays_visible(bad):
    stored = np.ones((20, 20), np.float32)
    u = np.zeros((1, 20))
    u[0, 3] = bad
    assert not np.isfinite(product(stored.T, u)).any()
