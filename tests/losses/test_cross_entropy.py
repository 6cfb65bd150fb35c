"""Cross entropy: fused and plain kernels, autograd and evaluation are one loss."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from made.kernels import DTYPES, SEEDS, SHAPES, again
from made.losses import check_broken_logit, check_kernels, check_loss, check_mean_and_evaluation

from layeratlas.losses.cross_entropy import CrossEntropy

LOSS = CrossEntropy()


@pytest.fixture(scope="module")
def loss_of(plain_loss):
    return plain_loss("cross_entropy")


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


def test_logits_far_apart_overflow_nowhere():
    """−ln softmax is linear there: the distance of the label's logit to the largest."""
    logits = np.array([[[1000.0, 0.0, -1000.0], [0.0, 900.0, 0.0]]])
    labels = np.array([1, 1])
    assert LOSS.evaluate(logits, labels).tolist() == [500.0]
    mean = LOSS.mean(torch.as_tensor(logits), torch.as_tensor(labels[None]))
    assert mean.tolist() == [500.0]


@DTYPES
@again
@given(shape=SHAPES.filter(lambda s: s[2] > 1), seed=SEEDS, spread=st.sampled_from([1.0, 30.0]))
def test_value_and_gradient_are_torchs_own_too(twins, loss_of, dtype, shape, seed, spread):
    check_loss(LOSS, loss_of, twins, dtype, shape, seed, spread, "classes")
