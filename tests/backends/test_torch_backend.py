"""The torch backend: allocation in its dtype, products, and the plain way of every kernel."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from layeratlas.backends.fused import dense as fused
from layeratlas.backends.plain import dense as plain
from layeratlas.backends.torch_backend import TorchBackend


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arrays_are_of_the_backends_dtype(dtype):
    backend = TorchBackend("cpu", dtype)
    expected = getattr(torch, dtype)
    assert backend.zeros(2, 3).dtype == backend.full((2, 3), 0.5).dtype == expected
    assert backend.from_numpy(np.ones(3)).dtype == expected
    assert backend.from_numpy(np.arange(3)).dtype == backend.integers(3).dtype == torch.int64
    # Settings of members stay double, and words are below 2^32 in a signed type.
    assert backend.vector([1, 2]).dtype == torch.float64
    assert backend.keys(np.array([[2**32 - 1, 0]], np.uint32)).tolist() == [[2**32 - 1, 0]]


def test_products_are_member_by_member():
    backend, rng = TorchBackend("cpu", "float64"), np.random.default_rng(0)
    a, b = rng.normal(size=(3, 4, 5)), rng.normal(size=(3, 6, 5))
    out = backend.zeros(3, 4, 6)
    backend.matmul(backend.from_numpy(a), backend.transpose(backend.from_numpy(b)), out)
    np.testing.assert_allclose(backend.to_numpy(out), np.einsum("ens,ems->enm", a, b))


def test_its_kernels_are_the_plain_ones_and_tf32_is_off():
    backend = TorchBackend()
    assert backend.kernel(fused.standardise, plain.standardise) is plain.standardise
    assert not torch.backends.cuda.matmul.allow_tf32 and not torch.backends.cudnn.allow_tf32


def test_arrays_are_copies_either_way():
    """Kernels work in place: on a caller's own array, they would change what is not theirs."""
    backend, given = TorchBackend("cpu", "float64"), np.arange(6.0)
    placed = backend.from_numpy(given)
    placed += 1
    np.testing.assert_array_equal(given, np.arange(6))
    back = backend.to_numpy(placed)
    placed += 1
    np.testing.assert_array_equal(back, np.arange(6) + 1)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_settings_of_members_are_not_rounded(dtype):
    backend = TorchBackend("cpu", dtype)
    assert backend.vector([0.1, 1 / 3]).tolist() == [0.1, 1 / 3]
