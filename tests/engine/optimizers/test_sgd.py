"""Heavy-ball descent: the fused kernel, its twin, and torch's own."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from made.kernels import DTYPES, SEEDS, SIZES, Draw, Offsets, Vector, again, assert_agree
from made.optimizers import check_steps_of_torch

from layeratlas.engine.optimizers.sgd import plain_sgd, sgd

SETTINGS = {"optimizer": "sgd", "momentum": 0.7}
TORCH = functools.partial(torch.optim.SGD, momentum=0.7)


def both(backend):
    """`kernel_of` for `twins`."""
    return backend.kernel(sgd, plain_sgd)


@DTYPES
@again
@given(members=st.integers(1, 4), sizes=SIZES, momentum=st.sampled_from([0.0, 0.9]), seed=SEEDS)
def test_sgd(twins, dtype, members, sizes, momentum, seed):
    draw = Draw(seed, dtype)
    offsets = Offsets(np.cumsum([0, *sizes]))
    arrays = [draw.real(members, sum(sizes)) for _ in range(3)]
    rate = Vector(draw.rng.uniform(0, 0.1, (members, len(sizes))))
    fused, plain = twins(both, dtype, *arrays, rate, offsets, momentum)
    assert_agree(fused, plain, dtype)


@pytest.mark.parametrize(
    "more", [{"weight_decay": 0.3}, {"nesterov": True}, {"nesterov": True, "weight_decay": 0.3}]
)
@pytest.mark.parametrize("torch_backend", [False, True])
def test_decayed_and_nesterovs_steps_are_those_of_torch(torch_backend, more):
    check_steps_of_torch({**SETTINGS, **more}, functools.partial(TORCH, **more), torch_backend)


@pytest.mark.parametrize("torch_backend", [False, True])
def test_steps_are_those_of_torch(torch_backend):
    check_steps_of_torch(SETTINGS, TORCH, torch_backend)
