"""Where each parameter tensor lives in a member's flat buffer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

# Floats: one AVX-512 cache line a tensor, four a member. Tensors then start aligned and a
# member's optimiser loop has the same vector and tail elements wherever its row lies.
_TENSOR_ALIGNMENT = 16
_MEMBER_ALIGNMENT = 64


def _padded(n: int, to: int) -> int:
    return -(-n // to) * to


@dataclass(frozen=True)
class ParameterTensor:
    """One tensor; `layer` counts as the family does.

    `role` is weight or bias of an affine map, scale or shift of a norm, or free: what is none.
    """

    name: str
    shape: tuple[int, ...]
    role: str
    layer: int

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def fan_out(self) -> int:
        """Of a weight `(out, in, …)`: outputs that one input reaches."""
        return self.size // self.shape[1]


@dataclass(frozen=True)
class ParameterLayout:
    """Tensors one after the other in a row of `width` numbers, `(member, width)` in all."""

    tensors: tuple[ParameterTensor, ...]

    @cached_property
    def offsets(self) -> np.ndarray:
        """int64 `(tensor + 1,)`: tensor t fills [offsets[t], offsets[t] + size), then padding."""
        ends = np.cumsum([_padded(t.size, _TENSOR_ALIGNMENT) for t in self.tensors])
        ends[-1] = _padded(int(ends[-1]), _MEMBER_ALIGNMENT)
        return np.concatenate([[0], ends]).astype(np.int64)

    @property
    def width(self) -> int:
        return int(self.offsets[-1])

    @property
    def size(self) -> int:
        """Number of parameters, padding left out."""
        return sum(t.size for t in self.tensors)

    def views(self, flat) -> dict[str, Any]:
        """name → `(member, *shape)` view of a flat `(member, width)` array or tensor."""
        views = {}
        for t, start in zip(self.tensors, self.offsets, strict=False):
            views[t.name] = flat[:, start : start + t.size].reshape(flat.shape[0], *t.shape)
        return views


def blocks(layout: ParameterLayout, trained: np.ndarray) -> np.ndarray:
    """Block of each tensor, `(tensor,)` int64: 0, 1, … for layers with trained tensors, else −1.

    trained: booleans `(tensor,)`.
    """
    layers = [t.layer if on else None for t, on in zip(layout.tensors, trained, strict=True)]
    order = sorted({layer for layer in layers if layer is not None})
    place = {layer: i for i, layer in enumerate(order)}
    return np.array([-1 if layer is None else place[layer] for layer in layers], np.int64)
