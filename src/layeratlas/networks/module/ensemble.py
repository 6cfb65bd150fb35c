"""Members of a user's module in training; see `layeratlas.networks.base.Ensemble`.

On the CPU each member has a graph of its own, whose leaves are views of the flat buffers: autograd
writes gradients where the optimiser reads them, and a member's numbers cannot depend on its
neighbours. On a GPU as many members as memory allows share a graph (`torch.vmap`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from layeratlas.backends import Backend
from layeratlas.losses.base import Loss
from layeratlas.networks.autograd import dropout_factors
from layeratlas.networks.base import BatchNormMode, LayerFeatures
from layeratlas.networks.functional import mean_loss
from layeratlas.networks.graphs import GraphEnsemble
from layeratlas.networks.module.forward import module_forward

if TYPE_CHECKING:
    from layeratlas.networks.module.family import ModuleFamily


class ModuleEnsemble(GraphEnsemble):
    """Members of one `ModuleFamily`; see `layeratlas.networks.base.Ensemble`."""

    def __init__(
        self,
        family: ModuleFamily,
        backend: Backend,
        theta: Tensor,
        statistics: Tensor,
        loss: Loss | None,
    ):
        super().__init__(family, backend, theta, statistics, loss)
        self._rates = [backend.vector(np.full(self.size, rate)) for rate, _ in family.survey.drops]
        self._stacked = self.backend.device != "cpu"
        self._own = [] if self._stacked else [self._leaves_of(e) for e in range(self.size)]

    def loss_and_gradient(self, x: Tensor, labels: Tensor, dropout_keys: Tensor, step: int) -> None:
        """Fill `loss` and `gradient`, and move the running statistics one step on."""
        if self._stacked:
            for group in self.groups(x.shape[1]):
                self._step_together(group, x[group], labels[group], dropout_keys[group], step)
            return
        self.gradient.zero_()
        for e in range(self.size):
            factors = self._factors(slice(e, e + 1), x.shape[1], dropout_keys, step)
            output = self._output(self._own[e], x[e], [f[0] for f in factors])
            losses = mean_loss(output[None], labels[e : e + 1], self.minimised)
            losses.backward(torch.ones_like(losses))
            self.note(losses, slice(e, e + 1))

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
    def _step_together(
        self, group: slice, x: Tensor, labels: Tensor, keys: Tensor, step: int
    ) -> None:
        leaves = self.leaves(group)
        running = {name: view[group] for name, view in self._running.items()}
        factors = self._factors(slice(None), x.shape[1], keys, step)
        outputs, held = outputs_together(self.family, leaves, running, x, factors)
        self.differentiate(mean_loss(outputs, labels, self.minimised), group, leaves)
        self.move_statistics(held, group)


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
