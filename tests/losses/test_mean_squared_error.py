"""Squared error: fused and plain kernels, autograd and evaluation are one loss."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from made.kernels import DTYPES, SEEDS, SHAPES, again
from made.losses import (
    KINDS,
    check_broken_logit,
    check_kernels,
    check_loss,
    check_mean_and_evaluation,
)

from layeratlas.losses.mean_squared_error import MeanSquaredError

LOSS = MeanSquaredError()


@pytest.fixture(scope="module")
def loss_of(plain_loss):
    return plain_loss("mean_squared_error")


@DTYPES
@again
@given(shape=SHAPES, seed=SEEDS, spread=st.sampled_from([1.0, 1e-3, 30.0]))
def test_kernels_are_the_loss_and_its_gradient(twins, loss_of, dtype, shape, seed, spread):
    check_kernels(LOSS, loss_of, twins, dtype, shape, seed, spread)


@given(shape=SHAPES, seed=SEEDS)
def test_autograd_and_evaluation_are_torchs_own(loss_of, shape, seed):
    check_mean_and_evaluation(LOSS, loss_of, shape, seed)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_broken_logit_shows_in_the_loss(twins, bad):
    check_broken_logit(LOSS, twins, bad)


def of_numbers(f, y):
    if not y.is_floating_point():
        y = torch.nn.functional.one_hot(y, f.shape[1]).double() - 1 / f.shape[1]
    return torch.nn.functional.mse_loss(f, y.double())


@DTYPES
@again
@given(
    shape=SHAPES.filter(lambda s: s[2] > 1),
    seed=SEEDS,
    spread=st.sampled_from([1.0, 1e-3, 30.0]),
    kind=KINDS,
)
def test_of_numbers_and_centred_classes_it_is_torchs_own(twins, dtype, shape, seed, spread, kind):
    loss = MeanSquaredError("centred_one_hot")
    check_loss(loss, of_numbers, twins, dtype, shape, seed, spread, kind)
