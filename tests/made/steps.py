"""Networks away from their initial values, and one gradient step of them."""

from __future__ import annotations

import math

import numpy as np
import torch

from layeratlas.losses.registry import loss_of
from layeratlas.networks.registry import FAMILIES, create_family, load_forward
from layeratlas.signals.gradient_step import gradient_step

PLAIN = {"initialization": "uniform_fan_in"}
MODELS = {
    "mlp": PLAIN | {"family": "mlp", "depth": 4, "width": 6, "batch_norm": False},
    "mlp with batch norm": PLAIN | {"family": "mlp", "depth": 4, "width": 6, "batch_norm": True},
    "residual_mlp": PLAIN | {"family": "residual_mlp", "depth": 5, "width": 6, "branch_scale": 0.4},
    "block_cnn": PLAIN | {"family": "block_cnn", "depth": 4, "channels": 3, "batch_norm": False},
    "block_cnn with batch norm": PLAIN
    | {"family": "block_cnn", "depth": 4, "channels": 3, "batch_norm": True},
}
SHAPE = (2, 4, 4)


def family_and_weights(model, seed=0):
    """A network away from its initial values, its biases and batch norm too."""
    family = create_family(model, SHAPE, 3)
    rng = np.random.default_rng(seed)
    theta, statistics = family.initialize([seed])
    for view in family.parameters.views(theta).values():
        view += 0.2 * rng.normal(size=view.shape)
    for view in family.statistics.views(statistics).values():
        view += rng.uniform(0, 0.5, size=view.shape)
    return family, theta[0], statistics[0]


def forward_of(family):
    """The forward that the table has beside the family's class."""
    kind = f":{type(family).__name__}"
    return next(load_forward(e.name) for e in FAMILIES.values() if e.family.endswith(kind))


def step_of(
    family, theta, statistics, rates, n=13, seed=0, loss="cross_entropy", slope=0.2, **more
):
    rng = np.random.default_rng(seed)
    return gradient_step(
        family,
        forward_of(family),
        torch.as_tensor(theta),
        torch.as_tensor(statistics),
        {"negative_slope": torch.tensor([slope], dtype=torch.float64)},
        torch.as_tensor(rng.normal(size=(n, math.prod(SHAPE)))),
        torch.as_tensor(rng.integers(3, size=n)),
        loss_of({"loss": loss}),
        rates,
        **more,
    )


def random_rates(family, seed=0, frozen=()):
    rng = np.random.default_rng(seed)
    rates = rng.uniform(0.1, 3, len(family.parameters.tensors))
    rates[list(frozen)] = 0
    return rates
