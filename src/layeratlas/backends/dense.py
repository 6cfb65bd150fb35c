"""Kernels of dense layers, on either backend: batch norm, bias, activation, dropout."""

from __future__ import annotations

from typing import Any

from layeratlas.backends.base import Backend
from layeratlas.backends.kernels import compiled_module


def dense_kernels(backend: Backend) -> Any:
    """The kernels of `layeratlas.backends.fused.dense`, under their names there."""
    if backend.name == "cpu":
        from layeratlas.backends.fused import dense as fused

        return compiled_module(fused, backend.dtype)
    from layeratlas.backends.plain import dense as plain

    return plain
