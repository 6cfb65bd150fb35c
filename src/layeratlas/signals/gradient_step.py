"""What one gradient step does to every layer of a network, trained or not.

With b_v = ∂loss/∂f_v, G_t the gradient of tensor t and η_t its learning rate, gradient flow moves
tensor t at −η_t G_t and feature v, the layer's output on all images together, at velocity ḟ_v.
Layer l contributes C_l = Σ_{t in l} η_t |G_t|² to the decay of the loss, layers up to v contribute
D_v = Σ_{l≤v} C_l, and for every architecture and at any time (θ_v between ḟ_v and −b_v)

    −⟨b_v, ḟ_v⟩ = D_v,   |ḟ_v| cos θ_v |b_v| = D_v     (feature speed formula)

Layer 0 is the network's input: it has parameters, and so a velocity, under batch norm only.

Source: Chizat and Netrapalli, "The Feature Speed Formula", NeurIPS 2024, Thm 2.1 and Eq. 4
(specification §1.2, §1.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from layeratlas.engine.optimizers.layer_sizes import block_sizes, constants_of, layer_rule
from layeratlas.losses.base import Loss
from layeratlas.losses.registry import loss_of
from layeratlas.networks.functional import Forward, mean_loss
from layeratlas.networks.layout import blocks
from layeratlas.networks.registry import load_forward
from layeratlas.signals.network import Network
from layeratlas.signals.views import Seen

__all__ = ["GradientStep", "Layers", "gradient_step", "step_of"]

Layers = Float[np.ndarray, " layer"]


@dataclass(frozen=True)
class GradientStep:
    """f_v, b_v, ḟ_v of layers 0 … L, each `(sample, feature)` float64, and C_l `(layer,)`.

    C_l is NaN where no tensor of the layer is trained.
    """

    features: list[np.ndarray]
    backward: list[np.ndarray]
    velocities: list[np.ndarray]
    contributions: Layers


def step_of(network: Network, batch: Seen) -> GradientStep:
    """The step of the only member on these images, in double precision.

    Rates are those that training began with; a calibrated scaling works them out from the images
    that were trained on.
    """
    plan, family, b = network.plan, network.family, network.torch_backend("float64")
    training = plan.shared["training"]
    return gradient_step(
        family,
        load_forward(plan.shared["model"]["family"]),
        b.from_numpy(network.theta[0]),
        b.from_numpy(network.statistics[0]),
        network.settings(b),
        b.from_numpy(batch.x),
        b.from_numpy(batch.targets),
        loss_of(training),
        network.trained.start.rates(network.rows)[0],
        rule=layer_rule(training),
    )


def gradient_step(
    family,
    forward: Forward,
    theta: Float[Tensor, " width"],
    statistics: Float[Tensor, " statistics_width"],
    members: Mapping[str, Tensor],
    x: Float[Tensor, "sample feature"],
    targets: Shaped[Tensor, "sample ..."],
    loss: Loss,
    rates: Float[np.ndarray, " tensor"],
    *,
    rule: tuple[str, Sequence[float] | None] | None = None,
) -> GradientStep:
    """The step of one network on its mean loss over all images, in evaluation mode.

    rates: η of the tensors of `family.parameters`, without the master step, 0 if frozen;
    rule, and constants if any: η_t s_l instead, l being the layer of t, for an optimiser that finds
    the size s_l of a layer's step from its gradient (`engine.optimizers.layer_sizes`). Velocities
    are a Jacobian–vector product: exact, and computed apart from the gradient's norms.
    """
    layout = family.parameters
    views = layout.views(theta[None])
    named = {t.name: views[t.name].detach().clone().requires_grad_() for t in layout.tensors}
    running = family.statistics.views(statistics[None])

    inputs = x[None].detach().clone().requires_grad_()
    features, _ = forward(family, named, running, inputs, members, "running_statistics")
    # Tokens are looked up: nothing can be differentiated with respect to them.
    features = [f if f.is_floating_point() else f.to(theta.dtype) for f in features]
    felt = [f for f in features if f.requires_grad]
    value = mean_loss(features[-1], targets[None], loss).sum()
    found = iter(
        torch.autograd.grad(
            value, [*felt, *named.values()], retain_graph=True, allow_unused=True,
            materialize_grads=True,
        )
    )  # fmt: skip
    backward = [next(found) if f.requires_grad else torch.zeros_like(f) for f in features]
    gradients = list(found)
    square = np.array([float(g.square().sum()) for g in gradients])
    if rule is not None:
        rates = rates * _sizes(blocks(layout, rates != 0), square, *rule)
    directions = [-float(eta) * g for eta, g in zip(rates, gradients, strict=True)]
    velocities = _products(features, list(named.values()), directions)
    contributions = np.full(len(features), np.nan)
    for tensor, eta, size in zip(layout.tensors, rates, square, strict=True):
        if eta != 0:
            contributions[tensor.layer] = np.nan_to_num(contributions[tensor.layer]) + eta * size
    return GradientStep(_arrays(features), _arrays(backward), _arrays(velocities), contributions)


def _arrays(tensors: Iterable[Tensor]) -> list[np.ndarray]:
    """The only member of each."""
    return [tensor.detach()[0].cpu().numpy() for tensor in tensors]


def _products(outputs: list[Tensor], inputs: list[Tensor], directions: list[Tensor]):
    """∂output/∂inputs · directions of every output, exact: a Jacobian–vector product.

    By differentiating Jᵀu, which is linear in u, with respect to u: forward-mode differentiation
    gives the same numbers, but loads for two seconds.
    """
    probes = [torch.zeros_like(output, requires_grad=True) for output in outputs]
    moved = [output for output in outputs if output.requires_grad]
    along = [probe for probe, output in zip(probes, outputs, strict=True) if output.requires_grad]
    transposed = torch.autograd.grad(
        moved, inputs, along, create_graph=True, allow_unused=True, materialize_grads=True
    )
    pairs = [(g, d) for g, d in zip(transposed, directions, strict=True) if g.requires_grad]
    return torch.autograd.grad(
        [g for g, _ in pairs], probes, [d for _, d in pairs], allow_unused=True,
        materialize_grads=True,
    )  # fmt: skip


def _sizes(block: np.ndarray, square: np.ndarray, rule: str, constants) -> np.ndarray:
    """s of each tensor's block, `(tensor,)`; 0 where it is frozen or has no gradient."""
    total = np.bincount(block[block >= 0], square[block >= 0])
    count = len(total)
    with np.errstate(divide="ignore"):
        each = block_sizes(total, constants_of(constants, count), rule, count)
    return np.where((block >= 0) & (total[block] > 0), each[block], 0.0)
