"""Activations with their derivative against autograd of their plain twins."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from layeratlas.networks.activations.registry import ACTIVATIONS
from layeratlas.tables import resolve

WRITTEN = [entry for entry in ACTIVATIONS.values() if entry.written]


@pytest.mark.parametrize("entry", WRITTEN, ids=lambda entry: entry.name)
@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_they_are_the_function_and_its_derivative(entry, library):
    z = torch.linspace(-4, 4, 60, dtype=torch.float64).view(2, 5, 6).requires_grad_()
    value = resolve(entry.function)(z)
    (derivative,) = torch.autograd.grad(value.sum(), z)
    given = z.detach().clone() if library == "torch" else z.detach().numpy().copy()
    out = torch.zeros_like(given) if library == "torch" else np.zeros_like(given)
    resolve(entry.written)(given, out)
    np.testing.assert_allclose(np.asarray(out), value.detach(), rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(np.asarray(given), derivative, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("entry", WRITTEN, ids=lambda entry: entry.name)
@pytest.mark.parametrize("size", [1, 7, 16, 33])
def test_a_number_does_not_depend_on_those_beside_it(entry, size):
    z = np.random.default_rng(0).normal(size=(3, 5, size)).astype(np.float32)
    whole, out = z.copy(), np.zeros_like(z)
    resolve(entry.written)(whole, out)
    for e in range(3):
        alone, own = z[e : e + 1].copy(), np.zeros_like(z[:1])
        resolve(entry.written)(alone, own)
        assert own.tobytes() == out[e].tobytes() and alone.tobytes() == whole[e].tobytes()
