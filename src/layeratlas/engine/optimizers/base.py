"""What optimisers share: rates, offsets, and the moments that a resumed job needs.

A learning rate per (member, tensor) makes a per-layer scaling a table of rates and no new
optimiser.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from layeratlas.backends import Backend
from layeratlas.networks.layout import ParameterLayout


class Optimizer(ABC):
    """One optimiser of the members of a slot.

    `moments` counts the arrays of the size of the parameters that it carries from step to step;
    `state` lists them.
    """

    moments: ClassVar[int]

    def __init__(
        self,
        settings: Mapping[str, Any],
        layout: ParameterLayout,
        backend: Backend,
        learning_rate: np.ndarray,
        state: list | None = None,
    ):
        """`learning_rate`: `(member,)`, or `(member, tensor)` for per-layer rates, 0 if frozen."""
        members = learning_rate.shape[0]
        if learning_rate.ndim == 1:
            learning_rate = np.repeat(learning_rate[:, None], len(layout.tensors), axis=1)
        self.settings = settings
        self.backend = backend
        self.offsets = layout.offsets
        # On the host: who asks which tensors stay must not wait for a GPU.
        self.moves = learning_rate != 0
        self.rate = self._rate = backend.vector(learning_rate)
        self.state = state or [backend.zeros(members, layout.width) for _ in range(self.moments)]
        self.prepare(layout, self.moves.any(axis=0))

    def scale(self, factor: float) -> None:
        """Have the steps from now on at `factor` times the learning rate: a schedule's."""
        self.rate = self._rate * factor

    @abstractmethod
    def prepare(self, layout: ParameterLayout, trained: np.ndarray) -> None:
        """Choose the kernel; `trained`: booleans `(tensor,)`."""

    @abstractmethod
    def step(self, theta, gradient, step: int) -> None:
        """One update in place; `step` counts from 1."""


def per_element(rate, offsets: np.ndarray, like):
    """A torch rate `(member, tensor)` for each element, `(member, width)` of the type of `like`."""
    import torch

    rate, sizes = rate.to(like.dtype), np.diff(offsets)
    if rate.device.type != "cpu":
        sizes_there = torch.as_tensor(sizes, device=rate.device)
        return torch.repeat_interleave(rate, sizes_there, dim=1, output_size=int(offsets[-1]))
    # One slice a tensor: nine times faster than going through all elements.
    found = torch.empty(len(rate), int(offsets[-1]), dtype=like.dtype)
    for t, part in enumerate(found.split(sizes.tolist(), dim=1)):
        part[...] = rate[:, t : t + 1]
    return found


def squares_of_blocks(gradient, offsets: np.ndarray, blocks: np.ndarray):
    """|G_b|² of every block, `(member, block)` float64, of a torch gradient `(member, width)`.

    blocks[t]: block of tensor t, −1 for one that counts nowhere; one block of zeros where none do.
    """
    parts = gradient.double().square().split(np.diff(offsets).tolist(), dim=1)
    square = parts[0].new_zeros(len(gradient), max(int(blocks.max()) + 1, 1))
    for part, block in zip(parts, blocks, strict=True):
        if block >= 0:
            square[:, block] += part.sum(dim=1)
    return square
