"""Adam: the fused kernel, its twin, and torch's own."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from made.kernels import DTYPES, SEEDS, SIZES, Draw, Offsets, Vector, again, assert_agree

from layeratlas.backends import get_backend
from layeratlas.engine.optimizers.adam import adam, plain_adam
from layeratlas.engine.optimizers.registry import load_optimizer
from layeratlas.engine.settings import TrainingSettings
from layeratlas.networks.layout import ParameterLayout, ParameterTensor

PARTS = (slice(0, 15), slice(16, 19))  # tensors are padded to 16
SETTINGS = {"optimizer": "adam", "beta1": 0.8, "beta2": 0.99}
TORCH = functools.partial(torch.optim.Adam, betas=(0.8, 0.99))


def both(backend):
    """`kernel_of` for `twins`."""
    return backend.kernel(adam, plain_adam)


@DTYPES
@again
@given(members=st.integers(1, 4), sizes=SIZES, step=st.integers(1, 2000), seed=SEEDS)
def test_adam(twins, dtype, members, sizes, step, seed):
    draw = Draw(seed, dtype)
    offsets = Offsets(np.cumsum([0, *sizes]))
    theta, gradient, first = (draw.real(members, sum(sizes)) for _ in range(3))
    second = draw.real(members, sum(sizes), positive=True)
    rate = Vector(draw.rng.uniform(0, 0.1, (members, len(sizes))))
    fused, plain = twins(
        both, dtype, theta, gradient, first, second, rate, offsets, 0.9, 0.999, 1e-8, step
    )
    assert_agree(fused, plain, dtype)


@pytest.mark.parametrize("torch_backend", [False, True])
def test_steps_are_those_of_torch(torch_backend):
    """Two members at their own rates, many steps, one tensor frozen."""
    layout = ParameterLayout((ParameterTensor("a", (3, 5), "weight", 1),
                              ParameterTensor("b", (3,), "bias", 1)))  # fmt: skip
    rng = np.random.default_rng(0)
    theta = rng.normal(size=(2, layout.width))
    rates = np.array([[1e-2, 0.0], [3e-2, 3e-2]])
    settings = TrainingSettings(**SETTINGS).model_dump()
    backend = get_backend("cpu", "float64", torch=torch_backend)
    optimizer = load_optimizer(settings["optimizer"])(settings, layout, backend, rates)
    placed = backend.from_numpy(theta)
    leaves = [[torch.tensor(theta[e, part], requires_grad=True) for part in PARTS]
              for e in range(2)]  # fmt: skip
    twins = [TORCH([{"params": [leaf], "lr": rates[e, t]} for t, leaf in enumerate(leaves[e])])
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
