"""An ensemble that takes its gradient from autograd: for families that offer a forward only.

It looks to the loop like an ensemble with a hand-written backward pass: flat buffers of
parameters, gradients and statistics, the same dropout streams, the same learning rate a tensor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from layeratlas.backends import Backend
from layeratlas.backends.fused import dense as fused
from layeratlas.backends.plain import dense as plain
from layeratlas.backends.torch_backend import TorchBackend
from layeratlas.losses.base import Loss
from layeratlas.networks.base import BatchNormMode, Family, LayerFeatures
from layeratlas.networks.functional import Dropout, Forward, mean_loss
from layeratlas.networks.graphs import GraphEnsemble


class AutogradFamily(Family, Protocol):
    """A family that autograd trains: it says how large a graph becomes."""

    graph_size: int


class AutogradEnsemble(GraphEnsemble):
    """Members of one family by its forward; see `layeratlas.networks.base.Ensemble`."""

    def __init__(
        self,
        family: AutogradFamily,
        forward: Forward,
        backend: Backend,
        theta: Tensor,
        statistics: Tensor,
        members: Mapping[str, np.ndarray],
        loss: Loss | None,
    ):
        super().__init__(family, backend, theta, statistics, loss)
        self._forward = forward
        none = np.zeros(self.size)  # for a family that has no such setting
        self._settings = {"negative_slope": backend.vector(members.get("negative_slope", none))}
        self._dropout = backend.vector(members.get("dropout", none))
        self._drops = bool((self._dropout > 0).any())
        self._kept: dict[int, dict[str, Tensor]] = {}

    def loss_and_gradient(
        self, x: Tensor, targets: Tensor, dropout_keys: Tensor, step: int
    ) -> None:
        """Fill `loss` and `gradient`, and move the running statistics one step on."""
        for group in self.groups(x.shape[1]):
            leaves = self.leaves(group)
            running = {name: view[group] for name, view in self._running.items()}
            settings = {name: values[group] for name, values in self._settings.items()}
            dropout = self._dropout_of(group, dropout_keys, step) if self._drops else None
            features, updated = self._forward(
                self.family, leaves, running, x[group], settings, "batch_statistics", dropout
            )
            losses = mean_loss(features[-1], targets[group], self.minimised)
            self.differentiate(losses, group, leaves)
            self.move_statistics(updated, group)

    def leaves(self, group: slice) -> dict[str, Tensor]:
        """Of a single member they are kept, and the graph adds to its gradients in place."""
        if group.stop - group.start > 1:
            return super().leaves(group)
        if group.start not in self._kept:
            self._kept[group.start] = super().leaves(group)
            for name, leaf in self._kept[group.start].items():
                leaf.grad = self._gradients[name][group]
        return self._kept[group.start]

    def differentiate(self, losses: Tensor, group: slice, leaves: Mapping[str, Tensor]) -> None:
        """Rows of several members are no block of memory, which autograd wants to add to."""
        if group.stop - group.start > 1:
            super().differentiate(losses, group, leaves)
            return
        self.note(losses, group)
        self.gradient[group] = 0
        losses.sum().backward()

    def features(
        self, x: Tensor, mode: BatchNormMode = "running_statistics"
    ) -> Iterator[LayerFeatures]:
        """Layers 0 … L on inputs `(sample, feature)`, dropout off, statistics untouched."""
        found = []
        with torch.no_grad():
            for group in self.groups(x.shape[0]):
                named = {name: view[group] for name, view in self._parameters.items()}
                running = {name: view[group] for name, view in self._running.items()}
                settings = {name: values[group] for name, values in self._settings.items()}
                count = len(self._dropout[group])
                inputs = x.expand(count, *x.shape)
                found.append(self._forward(self.family, named, running, inputs, settings, mode)[0])
        for layer, values in enumerate(zip(*found, strict=True)):
            joined = values[0] if len(values) == 1 else torch.cat(values)
            yield LayerFeatures(layer, self.family.layer_names[layer], joined)

    def _dropout_of(self, group: slice, keys: Tensor, step: int) -> Dropout:
        # A stream is (step, layer), as in the hand-written ensembles.
        first = step * len(self.family.layer_names)

        def factors(layer: int, shape: tuple[int, ...]) -> Tensor:
            return dropout_factors(
                self.backend, self._dropout[group], keys[group], first + layer, shape
            )

        return factors


def dropout_factors(
    backend: TorchBackend, rate: Tensor, keys: Tensor, stream: int, shape: tuple[int, ...]
) -> Tensor:
    """0 or 1/(1 − rate), `(member, *shape)`: the engine's dropout, as numbers to multiply by.

    rate `(member,)` float64, keys `(member, 2)`. Element i of a member's flattened factors takes
    the Threefry word i of (key, stream), so factors depend on the seed alone.
    """
    members = len(rate)
    factors = backend.full((members, shape[0], int(np.prod(shape[1:]))), 1.0)
    bias = backend.zeros(members, factors.shape[2])
    one = torch.ones_like(rate)
    # A slab of ones through bias 0, slope 1 and dropout is the mask. On the CPU the fused kernel
    # draws it twenty times faster than torch, which lacks unsigned 32-bit arithmetic.
    if backend.device == "cpu":
        kernel = fused.bias_activation_forward.compiled(backend.dtype)
        tensors = (factors, bias, one, rate)
        words = np.ascontiguousarray(keys.numpy().astype(np.uint32))
        kernel(*(np.ascontiguousarray(t.numpy()) for t in tensors), words, stream)
    else:
        plain.bias_activation_forward(factors, bias, one, rate, keys, stream)
    return factors.view(members, *shape)
