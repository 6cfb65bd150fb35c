"""The engine's optimisers beside torch's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from layeratlas.backends import get_backend
from layeratlas.engine.optimizers.registry import load_optimizer
from layeratlas.engine.settings import TrainingSettings
from layeratlas.networks.layout import ParameterLayout, ParameterTensor

LAYOUT = ParameterLayout(
    (ParameterTensor("a", (3, 5), "weight", 1), ParameterTensor("b", (3,), "bias", 1))
)
PARTS = (slice(0, 15), slice(16, 19))  # tensors are padded to 16


def check_steps_of_torch(
    chosen: dict[str, Any], twin_of: Callable[..., torch.optim.Optimizer], torch_backend: bool
) -> None:
    """Two members at their own rates, many steps, one tensor frozen.

    `chosen` are settings of a training; `twin_of(groups)` is torch's optimiser under the same.
    """
    rng = np.random.default_rng(0)
    theta = rng.normal(size=(2, LAYOUT.width))
    rates = np.array([[1e-2, 0.0], [3e-2, 3e-2]])
    settings = TrainingSettings(**chosen).model_dump()
    backend = get_backend("cpu", "float64", torch=torch_backend)
    optimizer = load_optimizer(settings["optimizer"])(settings, LAYOUT, backend, rates)
    placed = backend.from_numpy(theta)
    leaves = [[torch.tensor(theta[e, part], requires_grad=True) for part in PARTS]
              for e in range(2)]  # fmt: skip
    twins = [twin_of([{"params": [leaf], "lr": rates[e, t]} for t, leaf in enumerate(leaves[e])])
             for e in range(2)]  # fmt: skip
    for step in range(1, 30):
        gradient = rng.normal(size=theta.shape)
        optimizer.step(placed, backend.from_numpy(gradient), step)
        for e, twin in enumerate(twins):
            for leaf, part in zip(leaves[e], PARTS, strict=True):
                leaf.grad = torch.tensor(gradient[e, part])
            twin.step()
    found = backend.to_numpy(placed)
    for e in range(2):
        for leaf, part in zip(leaves[e], PARTS, strict=True):
            np.testing.assert_allclose(found[e, part], leaf.detach().numpy(), rtol=1e-10)
    np.testing.assert_array_equal(found[0, PARTS[1]], theta[0, PARTS[1]])
    assert len(optimizer.state) == optimizer.moments
