"""Losses against autograd."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made.naive_probes import close, naive_loss

from layeratlas.probes.losses import CrossEntropy, Linear, Square


@pytest.mark.parametrize("loss", [Linear(0.7), Square(0.2), CrossEntropy(np.array([0, 2, 1]))])
def test_losses_against_autograd(loss):
    rng = np.random.default_rng(0)
    f, v = rng.standard_normal((2, 1, 3, 3))
    t = torch.tensor(f[0])
    close(loss.value(f)[0], naive_loss(loss, t))
    gradient = torch.func.grad(lambda z: naive_loss(loss, z))
    close(loss.gradient(f)[0], gradient(t))
    close(loss.hessian_product(f, v)[0], torch.func.jvp(gradient, (t,), (torch.tensor(v[0]),))[1])
    np.testing.assert_allclose(loss.difference(f, v), loss.value(f + v) - loss.value(f), rtol=1e-9)
