"""Kernels of minibatches, on either backend: permutations, gathering, fresh noise."""

from __future__ import annotations

from typing import Any

from layeratlas.backends.base import Backend
from layeratlas.backends.kernels import compiled_module


def data_kernels(backend: Backend) -> Any:
    """`permutations`, `gather`, `replace_labels`, `add_input_noise`; see `backends.fused.data`."""
    if backend.name == "cpu":
        from layeratlas.backends.fused import data as fused

        return compiled_module(fused, backend.dtype)
    from layeratlas.backends.plain import data as plain

    return plain
