"""Adam: the fused kernel, its twin, and torch's own."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from made.kernels import DTYPES, SEEDS, SIZES, Draw, Offsets, Vector, again, assert_agree
from made.optimizers import check_steps_of_torch

from layeratlas.engine.optimizers.adam import adam, plain_adam

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
def test_decayed_steps_are_those_of_torch(torch_backend):
    twin = functools.partial(TORCH, weight_decay=0.3)
    check_steps_of_torch({**SETTINGS, "weight_decay": 0.3}, twin, torch_backend)


@pytest.mark.parametrize("torch_backend", [False, True])
def test_steps_are_those_of_torch(torch_backend):
    check_steps_of_torch(SETTINGS, TORCH, torch_backend)
