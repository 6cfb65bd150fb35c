"""One hidden layer of squares with a centred output, for which early training has a closed form.

    f(x) = ½ Σ_i a_i ((w_i·x)² − (w⁰_i·x)²),   w⁰_i ~ N(0, 1/d),   a_i = ±1

trained: w; a and the initial w⁰ stay. f is 0 before training, so that residuals are the targets
themselves. Derived from "Feature learning as alignment" (arXiv:2402.05271; specification §5.3).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from layeratlas.errors import ConfigError
from layeratlas.networks.module.construct import construct
from layeratlas.words import quoted

__all__ = ["Quadratic", "initial_weights"]

PLACE = "layeratlas.networks.zoo.quadratic:Quadratic"


class Quadratic(nn.Module):
    """The map `hidden`, (width, d), of samples of d numbers; one output.

    width: hidden units k. ConfigError for another width than a positive whole number, and for data
    of several outputs.
    """

    def __init__(self, input_shape: Sequence[int], n_outputs: int, width: int = 1024):
        super().__init__()
        if isinstance(width, bool) or not isinstance(width, int) or width < 1:
            raise ConfigError(
                f"model.settings.width: {quoted(width)} is no number of hidden units; give a whole "
                "number of at least 1"
            )
        if n_outputs != 1:
            raise ConfigError(
                f"model.from: Quadratic has one output, and the data set asks for {n_outputs}; use "
                "targets of a single number"
            )
        d = math.prod(input_shape)
        self.hidden = nn.Linear(d, width, bias=False)
        nn.init.normal_(self.hidden.weight, std=d**-0.5)
        signs = torch.randint(0, 2, (width,)) * 2.0 - 1.0
        self.signs = nn.Parameter(signs, requires_grad=False)
        self.start = nn.Parameter(self.hidden.weight.detach().clone(), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        x = x.flatten(1)
        now, then = self.hidden(x), x @ self.start.T
        return ((now**2 - then**2) @ self.signs / 2)[:, None]


def initial_weights(dimension: int, width: int, seed: int) -> Tensor:
    """w⁰ of a run of that seed, `(width, dimension)` float64."""
    made = construct(PLACE, {"width": width}, (dimension,), 1, seed)
    return made.get_parameter("hidden.weight").detach().double()
