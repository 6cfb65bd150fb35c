"""Kernels called the same way on both backends, with random arguments.

A `conftest.py` that imports `device`, `backends` and `twins` has them as fixtures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from layeratlas.backends.cpu import CpuBackend
from layeratlas.backends.torch_backend import TorchBackend

_CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA GPU here")

SEEDS = st.integers(0, 2**32 - 1)
SHAPES = st.tuples(st.integers(1, 4), st.integers(1, 40), st.integers(1, 19))
SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=4)
SLOPES = st.sampled_from([0.0, 0.2, 0.9, 1.0, -0.5])
DROPOUTS = st.sampled_from([0.0, 0.0, 1e-6, 0.04, 0.5, 0.97, 1 - 1e-9])
STREAMS = st.integers(0, 10**6)
DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])

# Fixtures here hold no state between examples.
again = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)


@dataclass(frozen=True)
class Vector:
    """Per-member settings, float64 on every backend."""

    values: Any


@dataclass(frozen=True)
class Keys:
    """Random keys `(member, 2)`."""

    words: Any


@dataclass(frozen=True)
class Offsets:
    """Tensor offsets; they stay on the host."""

    values: Any


class Draw:
    """Random arguments of one example."""

    def __init__(self, seed: int, dtype: str):
        self.rng, self.dtype = np.random.default_rng(seed), dtype

    def real(self, *shape, positive=False):
        values = self.rng.normal(size=shape)
        return (0.1 + values**2 if positive else values).astype(self.dtype)

    def labels(self, members, samples, n_classes):
        return self.rng.integers(n_classes, size=(members, samples))

    def keys(self, members):
        return Keys(self.rng.integers(2**32, size=(members, 2), dtype=np.uint32))


def per_member(data, strategy, members):
    return data.draw(st.lists(strategy, min_size=members, max_size=members))


def run_kernel(backend, kernel, *arguments) -> list[np.ndarray]:
    """Call a kernel on copies of the arguments; returns every array as it is afterwards."""
    placed = []
    for value in arguments:
        if isinstance(value, Vector):
            value = backend.vector(np.array(value.values, float))
        elif isinstance(value, Keys):
            value = backend.keys(np.array(value.words))
        elif isinstance(value, Offsets):
            value = np.asarray(value.values, np.int64)
        elif isinstance(value, np.ndarray):
            value = backend.from_numpy(value)
        placed.append(value)
    kernel(*placed)
    return [
        backend.to_numpy(after)
        for before, after in zip(arguments, placed, strict=True)
        if isinstance(before, np.ndarray | Vector)
    ]


def assert_agree(got, expected, dtype, scale=1.0):
    rtol, atol = (1e-11, 1e-12) if dtype == "float64" else (2e-4, 1e-4)
    assert len(got) == len(expected)
    for a, b in zip(got, expected, strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol * scale)


@pytest.fixture(scope="session", params=["cpu", pytest.param("cuda", marks=_CUDA)])
def device(request) -> str:
    """Where the torch backend computes."""
    return request.param


@pytest.fixture(scope="session")
def backends(device):
    """`backends(dtype)`: the fused CPU backend and the torch backend on `device`."""
    return lambda dtype: (CpuBackend(dtype), TorchBackend(device, dtype))


@pytest.fixture
def twins(backends):
    """`twins(kernel_of, dtype, *arguments)`: the arrays that either backend leaves behind.

    `kernel_of(backend)` is the kernel that the backend runs.
    """

    def call(kernel_of, dtype, *arguments):
        return [run_kernel(b, kernel_of(b), *arguments) for b in backends(dtype)]

    return call
