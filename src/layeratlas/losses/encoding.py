"""Classes as numbers: what losses of numbers compare outputs with."""

from __future__ import annotations

from typing import Any

from array_api_compat import array_namespace, device

from layeratlas.backends.base import Array
from layeratlas.losses.base import are_numbers
from layeratlas.losses.registry import Encoding


def encoded(targets: Array, outputs: Array, encoding: Encoding) -> Array:
    """Targets as numbers of the outputs' type: e_c of class c, or e_c − 1/C; numbers as they are.

    targets `(…,)` of integers give `(…, C)`, C being the last axis of the outputs.
    """
    if are_numbers(targets):
        return targets
    table = _identity(outputs)
    if encoding == "centred_one_hot":
        table = table - 1 / len(table)
    return table[targets]


def as_signs(targets: Array, outputs: Array) -> Array:
    """Targets as signs: +1 for the class and −1 for the others; numbers as they are.

    For a single output class 1 is +1 and class 0 is −1.
    """
    if are_numbers(targets):
        return targets
    if outputs.shape[-1] == 1:
        xp = array_namespace(outputs)
        return xp.astype(2 * targets - 1, outputs.dtype)[..., None]
    return (2 * _identity(outputs) - 1)[targets]


def _identity(outputs: Array) -> Any:
    xp, size = array_namespace(outputs), outputs.shape[-1]
    return xp.eye(size, dtype=outputs.dtype, device=device(outputs))
