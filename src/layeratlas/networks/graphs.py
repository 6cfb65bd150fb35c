"""What ensembles share whose gradients are autograd's: buffers, and who shares a graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from layeratlas.backends import Backend
from layeratlas.backends.torch_backend import TorchBackend
from layeratlas.losses.base import Loss


class GraphEnsemble:
    """Members of one family on the torch backend, whose gradients come from graphs.

    `family.graph_size` is the number of floats that the graph of one member keeps a sample. It
    decides how many members share a graph on a GPU. On the CPU each member has its own: that
    fits the cache better, and a member's numbers cannot depend on its neighbours.
    """

    def __init__(
        self, family: Any, backend: Backend, theta: Tensor, statistics: Tensor, loss: Loss | None
    ):
        # A family that needs torch is never given another backend.
        self.family, self.backend = family, cast(TorchBackend, backend)
        self.size = theta.shape[0]
        self.theta, self.statistics = theta, statistics
        self.gradient = torch.zeros_like(theta)
        self.loss = backend.vector(np.zeros(self.size))
        self._loss = loss
        self._parameters = family.parameters.views(theta)
        self._gradients = family.parameters.views(self.gradient)
        self._running = family.statistics.views(statistics)
        self._grouped: dict[int, list[slice]] = {}

    @property
    def minimised(self) -> Loss:
        """The loss that is trained on."""
        assert self._loss is not None, "the ensemble was made for its features alone"
        return self._loss

    def groups(self, samples: int) -> list[slice]:
        """Members that share a graph of so many samples."""
        if samples not in self._grouped:
            self._grouped[samples] = self._groups_of(samples)
        return self._grouped[samples]

    def _groups_of(self, samples: int) -> list[slice]:
        count = 1
        if self.backend.device != "cpu":
            # Of the whole memory, not of what is free now: products of a stack of another size
            # may round otherwise, and the same run is to have the same bits.
            _, total = torch.cuda.mem_get_info()
            # Three times: the backward pass holds gradients of what the forward pass kept, and a
            # graph of somebody's own module is known by a trial only.
            per_member = 3 * self.family.graph_size * samples * self.theta.element_size()
            count = int(np.clip(0.4 * total // max(per_member, 1), 1, self.size))
        return [slice(i, i + count) for i in range(0, self.size, count)]

    def leaves(self, group: slice) -> dict[str, Tensor]:
        """What a graph of these members starts from: views of their parameters, by name."""
        return {n: v[group].detach().requires_grad_() for n, v in self._parameters.items()}

    def differentiate(self, losses: Tensor, group: slice, leaves: Mapping[str, Tensor]) -> None:
        """Note these members' `losses` and fill their gradients with respect to the leaves.

        A member's loss depends on its own parameters alone: one backward pass serves all.
        """
        self.note(losses, group)
        found = torch.autograd.grad(
            losses.sum(), tuple(leaves.values()), materialize_grads=True, allow_unused=True
        )
        for name, gradient in zip(leaves, found, strict=True):
            self._gradients[name][group] = gradient

    def note(self, losses: Tensor, group: slice) -> None:
        """Keep these members' losses."""
        self.loss[group] = losses.detach().to(self.loss.dtype)

    def move_statistics(self, updated: Mapping[str, Tensor], group: slice) -> None:
        """Put running statistics, one step on, in the place of these members'."""
        for name, values in updated.items():
            self._running[name][group] = values
