"""Losses against autograd."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made.naive_probes import close, naive_loss

from layeratlas.probes.losses import CrossEntropy, Linear, MeanSquare, Square

LABELS = np.array([0, 2, 1, 1, 0])
TARGET = np.linspace(-1, 1, 15).reshape(5, 3)


@pytest.mark.parametrize(
    "loss",
    [Linear(0.7), Square(0.2), Square(TARGET), MeanSquare(TARGET), CrossEntropy(LABELS)],
    ids=repr,
)
def test_losses_against_autograd(loss):
    """Two settings, five samples, three outputs: no number stands for another."""
    rng = np.random.default_rng(0)
    f, v = rng.standard_normal((2, 2, 5, 3))
    gradient = torch.func.grad(lambda z: naive_loss(loss, z))
    for setting in range(2):
        t, along = torch.tensor(f[setting]), torch.tensor(v[setting])
        close(loss.value(f)[setting], naive_loss(loss, t))
        close(loss.gradient(f)[setting], gradient(t))
        curved = torch.func.jvp(gradient, (t,), (along,))[1]
        close(loss.hessian_product(f, v)[setting], curved)
    np.testing.assert_allclose(loss.difference(f, v), loss.value(f + v) - loss.value(f), rtol=1e-9)
