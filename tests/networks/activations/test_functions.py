"""Activations and their derivatives, against their formulas; members side by side."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.special import ndtr

from layeratlas.networks.activations.registry import ACTIVATIONS
from layeratlas.networks.functional import activate

Z = np.concatenate([np.linspace(-4, 4, 81), [0.0]])


def normal(z):
    return np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


FORMULAS = {
    "leaky_relu": (lambda z: np.where(z > 0, z, 0.3 * z), lambda z: np.where(z > 0, 1.0, 0.3)),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "gelu": (lambda z: z * ndtr(z), lambda z: ndtr(z) + z * normal(z)),
    "quadratic": (lambda z: z**2, lambda z: 2 * z),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_values_and_derivatives(name):
    slope = 0.3 if name == "leaky_relu" else 0.0
    z = torch.tensor(Z[None], dtype=torch.float64, requires_grad=True)
    a = activate(name, z, {"negative_slope": torch.tensor([slope], dtype=torch.float64)})
    (derivative,) = torch.autograd.grad(a.sum(), z)
    value, slope_of = FORMULAS[name]
    np.testing.assert_allclose(a.detach()[0], value(Z), atol=1e-14)
    np.testing.assert_allclose(derivative[0], slope_of(Z), atol=1e-14)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_what_rises_commutes_with_a_maximum_and_nothing_else_says_so(name):
    z = torch.as_tensor(np.random.default_rng(0).normal(size=(50, 4)))
    members = {"negative_slope": torch.tensor([0.0], dtype=torch.float64)}
    first = activate(name, z, members).max(1).values
    last = activate(name, z.max(1).values[:, None], members)[:, 0]
    assert torch.equal(first, last) == ACTIVATIONS[name].rises


def test_each_member_has_its_own_slope():
    z = torch.full((2, 6), -1.0, dtype=torch.float64)
    slopes = torch.tensor([0.1, 0.5, 1.0], dtype=torch.float64)
    found = activate("leaky_relu", z, {"negative_slope": slopes})
    expected = -slopes.repeat_interleave(2).expand(2, 6)
    torch.testing.assert_close(found, expected)
