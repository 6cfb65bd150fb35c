"""The CPU backend: allocation in its dtype, products, and the fused way of every kernel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.backends.cpu import CpuBackend
from layeratlas.backends.fused import dense as fused
from layeratlas.backends.plain import dense as plain


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arrays_are_of_the_backends_dtype(dtype):
    backend = CpuBackend(dtype)
    assert backend.zeros(2, 3).dtype == backend.full((2, 3), 0.5).dtype == dtype
    assert backend.from_numpy(np.ones(3)).dtype == dtype
    assert backend.from_numpy(np.arange(3, dtype="i2")).dtype == np.int64
    assert backend.integers(3).dtype == np.int64
    # Settings of members stay double; kernels cast where they use them.
    assert backend.vector([1, 2]).dtype == np.float64
    assert backend.keys(np.array([[1, 2]])).dtype == np.uint32


def test_a_members_product_does_not_see_its_neighbours():
    backend, rng = CpuBackend("float32"), np.random.default_rng(0)
    a, b = (rng.normal(size=shape).astype("f4") for shape in ((5, 40, 30), (5, 20, 30)))
    together, alone = backend.zeros(5, 40, 20), backend.zeros(1, 40, 20)
    backend.matmul(a, backend.transpose(b), together)
    backend.matmul(a[3:4], backend.transpose(b[3:4]), alone)
    np.testing.assert_array_equal(together[3], alone[0])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@given(
    shape=st.tuples(*[st.integers(1, 40)] * 3), seed=st.integers(0, 2**32 - 1), flip=st.booleans()
)
def test_an_outer_product_has_the_bits_of_blas(dtype, shape, seed, flip):
    (members, rows, columns), rng = shape, np.random.default_rng(seed)
    backend = CpuBackend(dtype)
    a, b = (
        rng.normal(size=size).astype(dtype) for size in ((members, rows, 1), (members, columns, 1))
    )
    for some in (a, b):
        some[rng.random(some.shape) < 0.3] = 0.0
        some *= rng.choice([-1, 1], some.shape)
    b = backend.transpose(b) if flip else np.ascontiguousarray(backend.transpose(b))
    out, expected = (np.full((members, rows, columns), np.nan, dtype) for _ in range(2))
    backend.matmul(a, b, out)
    np.matmul(a, b, out=expected)
    assert out.tobytes() == expected.tobytes()


@pytest.mark.parametrize(("dtype", "expected"), [("float32", 8), ("float64", 4)])
def test_slots_fill_the_cache(dtype, expected):
    """12 MiB hold eight members of 350,000 numbers in float32, four in float64."""
    assert CpuBackend(dtype).slot_size(75_000, 20, 2_500) == expected


def test_what_a_pass_keeps_of_large_batches_fills_it_too():
    sizes = [CpuBackend().slot_size(20_000, batch, 3_000) for batch in (1, 100, 200, 1000)]
    assert sizes == [8, 8, 4, 1]


def test_its_kernels_are_the_fused_ones():
    backend = CpuBackend("float64")
    kernel = backend.kernel(fused.standardise, plain.standardise)
    assert kernel is fused.standardise.compiled("float64")


def test_arrays_are_copies_either_way():
    """Kernels work in place: on a caller's own array, they would change what is not theirs."""
    backend, given = CpuBackend("float64"), np.arange(6.0)
    placed = backend.from_numpy(given)
    placed += 1
    np.testing.assert_array_equal(given, np.arange(6))
    back = backend.to_numpy(placed)
    placed += 1
    np.testing.assert_array_equal(back, np.arange(6) + 1)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_settings_of_members_are_not_rounded(dtype):
    backend = CpuBackend(dtype)
    assert backend.vector([0.1, 1 / 3]).tolist() == [0.1, 1 / 3]
