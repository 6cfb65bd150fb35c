"""Kernels called the same way on both backends, and the devices torch has here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch

from layeratlas.backends.cpu import CpuBackend
from layeratlas.backends.torch_backend import TorchBackend

_CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA GPU here")


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


def run_kernel(backend, name: str, *arguments) -> list[np.ndarray]:
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
    getattr(backend, name)(*placed)
    return [
        backend.to_numpy(after)
        for before, after in zip(arguments, placed, strict=True)
        if isinstance(before, np.ndarray | Vector)
    ]


@pytest.fixture(scope="session")
def kinds():
    """Markers of arguments: `kinds.Vector`, `kinds.Keys`, `kinds.Offsets`."""

    class Kinds:
        pass

    Kinds.Vector, Kinds.Keys, Kinds.Offsets = Vector, Keys, Offsets
    return Kinds


@pytest.fixture(scope="session")
def run():
    """`run_kernel`."""
    return run_kernel


@pytest.fixture(scope="session", params=["cpu", pytest.param("cuda", marks=_CUDA)])
def device(request) -> str:
    """Where the torch backend computes."""
    return request.param


@pytest.fixture(scope="session")
def backends(device):
    """`backends(dtype)`: the fused CPU backend and the torch backend on `device`."""
    return lambda dtype: (CpuBackend(dtype), TorchBackend(device, dtype))
