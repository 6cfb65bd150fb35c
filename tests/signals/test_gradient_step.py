"""One gradient step against finite differences; its numbers are tested with their metrics."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from made.steps import MODELS, SHAPE, family_and_weights, forward_of, random_rates, step_of


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("frozen", [(), (0, 3)])
def test_velocities_are_those_of_small_steps(model, frozen):
    """(f(θ − h η G) − f(θ))/h with the gradient taken by finite differences of nothing else."""
    family, theta, statistics = family_and_weights(MODELS[model])
    rates = random_rates(family, frozen=frozen)
    step = step_of(family, theta, statistics, rates)
    # One tensor at a time: the velocities of single tensors add up to the whole.
    total = [np.zeros_like(v) for v in step.velocities]
    views = family.parameters.views(theta[None])
    h = 1e-6
    point = {n: torch.as_tensor(v.copy()).requires_grad_() for n, v in views.items()}
    forward = forward_of(family)
    rng = np.random.default_rng(0)
    x = torch.as_tensor(rng.normal(size=(1, 13, math.prod(SHAPE))))
    y = torch.as_tensor(rng.integers(3, size=13))
    running = family.statistics.views(torch.as_tensor(statistics[None]))
    members = {"negative_slope": torch.tensor([0.2], dtype=torch.float64)}

    def features(named):
        return forward(family, named, running, x, members, "running_statistics")[0]

    loss = torch.nn.functional.cross_entropy(features(point)[-1][0], y)
    gradients = torch.autograd.grad(loss, list(point.values()), allow_unused=True)
    for (name, value), eta, gradient in zip(point.items(), rates, gradients, strict=True):
        if gradient is None:
            continue
        ahead, behind = (
            features({**point, name: value - sign * h * eta * gradient}) for sign in (1, -1)
        )
        for part, a, b in zip(total, ahead, behind, strict=True):
            part += ((a - b)[0] / (2 * h)).detach().numpy()
    for found, expected in zip(step.velocities, total, strict=True):
        np.testing.assert_allclose(
            found, expected, rtol=1e-5, atol=1e-6 * (1 + np.abs(found).max())
        )
