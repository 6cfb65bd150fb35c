"""Second moments of cotangents, exact or from random projections, and the gradient of weights.

    K = (1/n) Σ_i Σ_p Σ_o g gᵀ,   g = ∂f_o/∂h at position p of sample i,   (fan_out, fan_out)

of h = W x + b: n images, all positions (pixels of a convolution, tokens) and all outputs of the
network, of a text those of all its positions. WᵀKW is the mean outer product of the gradients with
respect to what the map reads. Source: Beaglehole, Mitliagkas and Agarwala, TMLR 2024,
arXiv:2402.05271; specification §1.

Moments are `(member, draw, fan_out, fan_out)`: of one draw, K itself; where the view asks for
random projections, of each an estimate without bias, (Jᵀv)(Jᵀv)ᵀ with v ~ N(0, I) over all outputs
and samples of a batch of images. The mean over draws is an estimate too, and so is what is made of
two different ones.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from layeratlas.signals.gram import of_columns
from layeratlas.signals.network import Network
from layeratlas.signals.tape import Pass, passed
from layeratlas.signals.views import Seen

__all__ = ["moment_sums", "over_images", "passed_at_start", "weight_gradient"]


def passed_at_start(network: Network, batch: Seen) -> Pass:
    """The pass of the same networks before training."""
    return passed(network.at_start, batch)


def moment_sums(seen: Pass) -> list[Any]:
    """n K of every map, `(member, draw, fan_out, fan_out)`.

    One backward pass an output, or a projection, serves all maps; none is kept.
    """
    if seen.projections is None:
        total: list[Tensor] = []
        for scalar in seen.outputs():
            squares = [_square(g) for g in seen.cotangents(scalar)]
            total = [a.add_(b) for a, b in zip(total, squares, strict=True)] if total else squares
        return [seen.handed(square[:, None]) for square in total]
    draws = [
        [_square(g) for g in seen.cotangents(scalar)] for scalar in seen.projected(seen.projections)
    ]
    return [seen.handed(torch.stack(of_map, dim=1)) for of_map in zip(*draws, strict=True)]


def _square(g: Tensor) -> Tensor:
    """Σ_i Σ_p g gᵀ, `(member, fan_out, fan_out)`, of rows `(member, sample, position, fan_out)`."""
    return of_columns(g.flatten(1, 2))


def over_images(total: Any, view: Seen) -> Any:
    """The mean over the images of a view."""
    return total / view.size


def weight_gradient(inputs: Any, cotangents: Any, support: Any) -> Any:
    """Σ_i Σ_p g xᵀ, `(member, fan_out, fan_in)`: of g of the loss, its gradient ∂loss/∂W.

    0 where W is 0 whatever its weights are (`tape.support`). Of a map whose tensor another map has
    too, what this use of it adds.
    """
    g = cotangents.reshape(cotangents.shape[0], -1, cotangents.shape[-1])
    return support * (g.swapaxes(1, 2) @ inputs.reshape(inputs.shape[0], -1, inputs.shape[-1]))
