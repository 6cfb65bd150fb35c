"""Members of a user's module in training; see `layeratlas.networks.base.Ensemble`.

On the CPU each member has a graph of its own, whose leaves are views of the flat buffers: autograd
writes gradients where the optimiser reads them, and a member's numbers cannot depend on its
neighbours. On a GPU as many members as memory allows share a graph (`torch.vmap`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from torch import Tensor

from layeratlas.backends import Backend
from layeratlas.backends.torch_backend import TorchBackend
from layeratlas.networks.autograd import dropout_factors
from layeratlas.networks.base import BatchNormMode, LayerFeatures
from layeratlas.networks.functional import mean_loss
from layeratlas.networks.module.forward import module_forward

if TYPE_CHECKING:
    from layeratlas.networks.module.family import ModuleFamily


class ModuleEnsemble:
    """Members of one `ModuleFamily`; see `layeratlas.networks.base.Ensemble`."""

    def __init__(
        self, family: ModuleFamily, backend: Backend, theta: Tensor, statistics: Tensor, loss: Any
    ):
        self.family, self.backend = family, cast(TorchBackend, backend)
        self.size = theta.shape[0]
        self.theta, self.statistics = theta, statistics
        self.gradient = torch.zeros_like(theta)
        self.loss = backend.vector(np.zeros(self.size))
        self._loss = loss
        self._parameters = family.parameters.views(theta)
        self._gradients = family.parameters.views(self.gradient)
        self._running = family.statistics.views(statistics)
        self._rates = [backend.vector(np.full(self.size, rate)) for rate, _ in family.survey.drops]
        self._shared: dict[int, list[slice]] = {}
        self._stacked = self.backend.device != "cpu"
        self._leaves = [] if self._stacked else [self._leaves_of(e) for e in range(self.size)]

    def loss_and_gradient(self, x: Tensor, labels: Tensor, dropout_keys: Tensor, step: int) -> None:
        """Fill `loss` and `gradient`, and move the running statistics one step on."""
        if self._stacked:
            samples = x.shape[1]
            if samples not in self._shared:
                self._shared[samples] = self._groups(samples)
            for group in self._shared[samples]:
                self._step_together(group, x[group], labels[group], dropout_keys[group], step)
            return
        self.gradient.zero_()
        for e in range(self.size):
            factors = self._factors(slice(e, e + 1), x.shape[1], dropout_keys, step)
            output = self._output(self._leaves[e], x[e], [f[0] for f in factors])
            losses = mean_loss(output[None], labels[e : e + 1], self._loss)
            losses.backward(torch.ones_like(losses))
            self.loss[e] = losses.detach()[0].to(self.loss.dtype)

    def features(
        self, x: Tensor, mode: BatchNormMode = "running_statistics"
    ) -> Iterator[LayerFeatures]:
        """Layers 0 … L on inputs `(sample, feature)`, dropout off, statistics untouched."""
        with torch.no_grad():
            given = x.expand(self.size, *x.shape)
            features, _ = module_forward(
                self.family, self._parameters, self._running, given, {}, mode
            )
        for layer, values in enumerate(features):
            yield LayerFeatures(layer, self.family.layer_names[layer], values)

    # --- one by one ---------------------------------------------------------------------------
    def _leaves_of(self, e: int) -> dict[str, Tensor]:
        """Views of one member's parameters, with views of its gradient, and of its statistics."""
        found = {}
        for name, view in self._parameters.items():
            leaf = view[e].detach().requires_grad_()
            # The graph adds to it in place.
            leaf.grad = self._gradients[name][e]
            found[name] = leaf
        running = {name: view[e] for name, view in self._running.items()}
        return self.family.complete(found | running, self.theta)

    def _output(self, tensors: dict[str, Tensor], x: Tensor, factors: list[Tensor]) -> Tensor:
        family = self.family
        output, _, _ = family.inner(tensors, family.shaped(x), training=True, factors=factors)
        return family.outputs(output)

    def _factors(self, group: slice, samples: int, keys: Tensor, step: int) -> list[Tensor]:
        """Factors of every dropout, `(member, *shape)`; a stream is (step, dropout)."""
        shapes = self.family.drop_shapes(samples)
        first = step * (len(shapes) + 1)
        return [
            dropout_factors(self.backend, rate[group], keys[group], first + i, shape)
            for i, (rate, shape) in enumerate(zip(self._rates, shapes, strict=True))
        ]

    # --- together -----------------------------------------------------------------------------
    def _groups(self, samples: int) -> list[slice]:
        """Members that share a graph, by the memory that it needs.

        Of the device's whole memory, not of what is free now: products of a stack of another size
        may round otherwise, and the same run is to have the same bits.
        """
        _, total = torch.cuda.mem_get_info()
        per_member = 3 * self.family.graph_size * samples * self.theta.element_size()
        count = int(np.clip(0.4 * total // max(per_member, 1), 1, self.size))
        return [slice(i, i + count) for i in range(0, self.size, count)]

    def _step_together(
        self, group: slice, x: Tensor, labels: Tensor, keys: Tensor, step: int
    ) -> None:
        named = {n: v[group].detach().requires_grad_() for n, v in self._parameters.items()}
        running = {name: view[group] for name, view in self._running.items()}
        factors = self._factors(slice(None), x.shape[1], keys, step)
        outputs, held = outputs_together(self.family, named, running, x, factors)
        losses = mean_loss(outputs, labels, self._loss)
        gradients = torch.autograd.grad(
            losses.sum(), tuple(named.values()), materialize_grads=True, allow_unused=True
        )
        for name, gradient in zip(named, gradients, strict=True):
            self._gradients[name][group] = gradient
        for name, values in held.items():
            self._running[name][group] = values
        self.loss[group] = losses.detach().to(self.loss.dtype)


def outputs_together(
    family: ModuleFamily,
    parameters: dict[str, Tensor],
    statistics: dict[str, Tensor],
    x: Tensor,
    factors: list[Tensor],
) -> tuple[Tensor, dict[str, Tensor]]:
    """Outputs `(member, sample, feature)` of a training pass of all members in one graph.

    And the statistics one step on, those of batch norm. Dropout factors are `(member, *shape)`.
    """
    known = {name: t for name, t in statistics.items() if name in family.inner.slots}

    def one(named, running, inputs, drops):
        tensors = family.complete(named | running, inputs)
        output, held, _ = family.inner(
            tensors, family.shaped(inputs), training=True, factors=drops, stacked=True
        )
        return family.outputs(output), {name: held[name] for name in known}

    return torch.vmap(one, randomness="error")(parameters, known, x, factors)
