"""Signals of affine maps: what each reads and gives, and how outputs answer to it.

A map is h = W x + b at every position of a sample (`layeratlas.networks.tape`); x is
`(member, sample, position, fan_in)`, h `(member, sample, position, fan_out)`, W
`(member, fan_out, fan_in)` whatever the map is: kernels of a convolution are flattened as its
patches are, the scale of a batch norm is a diagonal. Cotangents are derivatives with respect to h,
each network evaluated in the mode of its view, in the precision of training. Under statistics of
the batch, images answer to each other, and a cotangent is of the sum over all images of an output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from layeratlas.losses.base import Loss
from layeratlas.losses.registry import loss_of
from layeratlas.networks.functional import mean_loss
from layeratlas.networks.registry import load_forward
from layeratlas.networks.tape import Noted, Tape, matrix
from layeratlas.runs.streams import generator
from layeratlas.signals.network import Network
from layeratlas.signals.views import Seen

__all__ = [
    "Pass",
    "cotangent_square",
    "cotangents_of_loss",
    "cotangents_of_outputs",
    "cotangents_of_projections",
    "initial_weights",
    "inputs",
    "outer",
    "outputs",
    "passed",
    "passed_before",
    "projected_moment",
    "projected_square",
    "support",
    "weights",
]

#: Random projections of a batch.
PROJECTIONS = 16


@dataclass(frozen=True)
class Pass:
    """One differentiable pass of a batch: what each map noted, in the family's order, and f.

    f is `(member, sample, output)`; `handed` gives tensors in the library of the features.
    `projections`: how many the view has moments of cotangents estimated from; None: none.
    """

    noted: list[Noted]
    f: Tensor
    targets: Tensor
    loss: Loss
    key: str
    handed: Callable[[Tensor], Any]
    projections: int | None = None

    def cotangents(self, of: Tensor) -> list[Tensor]:
        """Of a scalar, rows `(member, sample, position, fan_out)` of every map."""
        given = [one.given for one in self.noted]
        found = torch.autograd.grad(
            of, given, retain_graph=True, allow_unused=True, materialize_grads=True
        )
        return [one.cotangent(g) for one, g in zip(self.noted, found, strict=True)]

    def outputs(self) -> Iterator[Tensor]:
        """f_o summed over samples (and members), of every output o."""
        yield from self.f.sum((0, 1)).unbind()

    def projected(self, draws: int = PROJECTIONS) -> Iterator[Tensor]:
        """vᵀf with v ~ N(0, I) over all outputs and samples, of so many draws."""
        draw = generator(0, f"signals/projections/{self.key}")
        # Members share their draws: a cube does not depend on who is measured together.
        for _ in range(draws):
            v = torch.as_tensor(draw.normal(size=tuple(self.f.shape[1:])))
            yield (self.f * v.to(self.f)).sum()


def passed(network: Network, batch: Seen) -> Pass:
    """A pass through all maps, dropout off, ready to be differentiated."""
    b, family = network.torch_backend(), network.family
    views = family.parameters.views(b.from_numpy(network.theta))
    named = {name: view.detach().clone().requires_grad_() for name, view in views.items()}
    running = family.statistics.views(b.from_numpy(network.statistics))
    if batch.view.conv_bias == "dropped":
        for affine in family.affines:
            if affine.kind == "conv" and affine.bias is not None:
                named[affine.bias] = torch.zeros_like(named[affine.bias])
    x = b.from_numpy(batch.x)
    tape = Tape()
    forward = load_forward(network.plan.shared["model"]["family"])
    features, _ = forward(
        family,
        named,
        running,
        x.expand(network.size, *x.shape),
        network.settings(b),
        batch.view.batch_norm,
        tape=tape,
    )
    noted = [tape.of(affine) for affine in network.affines]
    targets = b.from_numpy(batch.targets)
    loss = loss_of(network.plan.shared["training"])
    key = f"{batch.view.split}/{batch.first}"
    told = batch.view.projections
    return Pass(noted, features[-1], targets, loss, key, network.handed, told)


def passed_before(network: Network, batch: Seen) -> Pass:
    """The same pass through the networks of the record before."""
    if network.before is None:
        raise ValueError("weights of the record before were not read")
    return passed(network.before, batch)


def inputs(seen: Pass) -> list[Any]:
    """x of every map, `(member, sample, position, fan_in)`."""
    return [seen.handed(one.inputs) for one in seen.noted]


def outputs(seen: Pass) -> list[Any]:
    """h = W x + b of every map, `(member, sample, position, fan_out)`."""
    return [seen.handed(one.outputs) for one in seen.noted]


def cotangents_of_outputs(seen: Pass) -> list[Any]:
    """∂f_o/∂h of every map, `(member, output, sample, position, fan_out)`."""
    return _stacked(seen, seen.outputs())


def cotangents_of_projections(seen: Pass) -> list[Any]:
    """∂(vᵀf)/∂h of every map, `(member, projection, sample, position, fan_out)`."""
    return _stacked(seen, seen.projected())


def cotangents_of_loss(seen: Pass, view: Seen) -> list[Any]:
    """∂loss/∂h of every map, loss the mean over all images of the view; shaped as `outputs`."""
    share = len(seen.targets) / view.size
    targets = seen.targets.expand(len(seen.f), *seen.targets.shape)
    loss = mean_loss(seen.f, targets, seen.loss).sum()
    return [seen.handed(share * g) for g in seen.cotangents(loss)]


def _stacked(seen: Pass, scalars: Iterator[Tensor]) -> list[Any]:
    each = [seen.cotangents(scalar) for scalar in scalars]
    return [seen.handed(torch.stack(of_map, dim=1)) for of_map in zip(*each, strict=True)]


def cotangent_square(seen: Pass) -> list[Any]:
    """Σ_i Σ_p Σ_o g gᵀ of every map, g = ∂f_o/∂h_{i,p}: `(member, fan_out, fan_out)`.

    One backward pass an output serves all maps; none is kept.
    """
    total: list[Tensor] = []
    for scalar in seen.outputs():
        squares = [outer(g) for g in seen.cotangents(scalar)]
        total = [a + b for a, b in zip(total, squares, strict=True)] if total else squares
    return [seen.handed(square) for square in total]


def projected_square(seen: Pass) -> list[tuple[Any, Any]]:
    """An estimate of `cotangent_square` without bias, and the square of its standard error.

    E[(Jᵀv)(Jᵀv)ᵀ] = JᵀJ for v ~ N(0, I) (J over all outputs): the mean over `PROJECTIONS` draws,
    and per entry their variance over their number. Draws of batches are independent, so both add.
    """
    mean: list[Tensor] = []
    spread: list[Tensor] = []
    for n, scalar in enumerate(seen.projected(), start=1):
        squares = [outer(g) for g in seen.cotangents(scalar)]
        if n == 1:
            mean, spread = squares, [torch.zeros_like(square) for square in squares]
            continue
        # Welford 1962: sums of squares would cancel in float32.
        for at, square in enumerate(squares):
            away = square - mean[at]
            mean[at] = mean[at] + away / n
            spread[at] = spread[at] + away * (square - mean[at])
    over = PROJECTIONS * (PROJECTIONS - 1)
    return [(seen.handed(m), seen.handed(s / over)) for m, s in zip(mean, spread, strict=True)]


def projected_moment(square: tuple[Any, Any], view: Seen) -> tuple[Any, Any]:
    """K and its standard error, `(member, fan_out, fan_out)` each."""
    return square[0] / view.size, square[1] ** 0.5 / view.size


def outer(x) -> Any:
    """Σ_i Σ_p x xᵀ, `(member, fan, fan)`, of rows `(member, sample, position, fan)`."""
    flat = x.reshape(x.shape[0], -1, x.shape[-1])
    return flat.swapaxes(1, 2) @ flat


def weights(network: Network) -> list[Any]:
    """W of every map, `(member, fan_out, fan_in)`."""
    return _weights(network, network.theta)


def initial_weights(network: Network) -> list[Any]:
    """W of every map before training."""
    if network.initial is None:
        raise ValueError("weights before training were not kept")
    return _weights(network, network.initial)


def support(network: Network) -> list[Any]:
    """1 where W of a map has an entry of its own, `(1, fan_out, fan_in)`; 1.0 where it has all.

    Groups of a convolution leave zeros that no training fills, the scale of a batch norm all that
    is off its diagonal.
    """
    ones = _weights(network, np.ones_like(network.theta[:1]))
    pairs = zip(network.affines, ones, strict=True)
    return [one if a.groups > 1 or a.kind == "scale" else 1.0 for a, one in pairs]


def _weights(network: Network, theta) -> list[Any]:
    views = network.family.parameters.views(theta)
    # Metrics put them beside cotangents, which are where the network runs.
    device = network.backend.device
    found = []
    for affine in network.affines:
        weight = torch.as_tensor(views[affine.weight], device=device)
        found.append(network.handed(matrix(affine, weight)))
    return found
