"""Rates by member or by tensor, moments as a resumed job gives them back."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from layeratlas.backends import get_backend
from layeratlas.engine.optimizers.base import per_element, squares_of_blocks
from layeratlas.engine.optimizers.registry import OPTIMIZERS, load_optimizer
from layeratlas.engine.settings import TrainingSettings
from layeratlas.networks.stack import layouts

LAYOUT, _ = layouts([(4, 3), (2, 4)], (3, 4))


def make(name: str, rates: np.ndarray, state=None):
    settings = TrainingSettings(optimizer=name).model_dump()
    return load_optimizer(name)(settings, LAYOUT, get_backend("cpu", "float64"), rates, state)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_one_rate_is_the_same_rate_for_every_tensor(name):
    rng = np.random.default_rng(0)
    theta, gradient = rng.normal(size=(2, 2, LAYOUT.width))
    steps = []
    for rates in (np.full(2, 0.1), np.full((2, len(LAYOUT.tensors)), 0.1)):
        moved = theta.copy()
        make(name, rates).step(moved, gradient, 1)
        steps.append(moved)
    np.testing.assert_array_equal(*steps)
    assert (steps[0] != theta).any()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_resumed_optimiser_goes_on_from_its_moments(name):
    rng = np.random.default_rng(1)
    theta = rng.normal(size=(1, LAYOUT.width))
    gradients = rng.normal(size=(4, 1, LAYOUT.width))
    whole, broken = theta.copy(), theta.copy()
    optimizer = make(name, np.array([0.1]))
    for step, gradient in enumerate(gradients, start=1):
        optimizer.step(whole, gradient, step)
    first = make(name, np.array([0.1]))
    for step in (1, 2):
        first.step(broken, gradients[step - 1], step)
    second = make(name, np.array([0.1]), [moment.copy() for moment in first.state])
    for step in (3, 4):
        second.step(broken, gradients[step - 1], step)
    np.testing.assert_array_equal(whole, broken)


def test_rates_reach_their_own_elements():
    rate = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)
    spread = per_element(rate, np.array([0, 2, 5]), torch.zeros(1))
    assert spread.dtype == torch.float32
    assert spread.tolist() == [[1, 1, 2, 2, 2], [3, 3, 4, 4, 4]]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_schedules_factor_is_of_the_rate_itself(name):
    rng = np.random.default_rng(2)
    theta, gradient = rng.normal(size=(2, 2, LAYOUT.width))
    moved = []
    for rate, factors in ((0.05, ()), (0.1, (0.25, 0.5))):
        optimizer, own = make(name, np.full(2, rate)), theta.copy()
        for factor in factors:
            optimizer.scale(factor)
        optimizer.step(own, gradient, 1)
        moved.append(own)
    np.testing.assert_array_equal(*moved)


def test_squares_are_of_the_tensors_that_are_trained():
    gradient = torch.tensor([[1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 0.0, 2.0]])
    offsets, blocks = np.array([0, 1, 2, 4]), np.array([0, -1, 0])
    assert squares_of_blocks(gradient, offsets, blocks).tolist() == [[26.0], [4.0]]
    none = squares_of_blocks(gradient, offsets, np.array([-1, -1, -1]))
    assert none.tolist() == [[0.0], [0.0]] and none.dtype == torch.float64
