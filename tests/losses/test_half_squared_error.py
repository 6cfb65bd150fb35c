"""Half squared error: all its ways are one loss, of classes and of numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from made.kernels import DTYPES, SEEDS, SHAPES, again
from made.losses import KINDS, check_loss

from layeratlas.losses.half_squared_error import HalfSquaredError
from layeratlas.losses.mean_squared_error import MeanSquaredError


def naive(encoding):
    def loss(f, y):
        if not y.is_floating_point():
            k = f.shape[1]
            y = torch.stack([torch.eye(k, dtype=f.dtype)[c] for c in y])
            y = y - 1 / k if encoding == "centred_one_hot" else y
        return sum(((f[i] - y[i]) ** 2).sum() / 2 for i in range(len(f))) / len(f)

    return loss


@DTYPES
@again
@given(
    shape=SHAPES.filter(lambda s: s[2] > 1),
    seed=SEEDS,
    spread=st.sampled_from([1.0, 1e-3, 30.0]),
    kind=KINDS,
    encoding=st.sampled_from(["one_hot", "centred_one_hot"]),
)
def test_it_is_the_naive_one(twins, dtype, shape, seed, spread, kind, encoding):
    loss = HalfSquaredError(encoding)
    check_loss(loss, naive(encoding), twins, dtype, shape, seed, spread, kind)


@pytest.mark.parametrize("targets", [np.array([0, 2]), np.ones((2, 3)) / 3])
def test_it_is_c_halves_of_the_mean_squared_error(targets):
    outputs = np.arange(12.0).reshape(2, 2, 3)
    half, mean = (
        loss("centred_one_hot").evaluate(outputs, targets)
        for loss in (HalfSquaredError, MeanSquaredError)
    )
    np.testing.assert_allclose(half, 3 / 2 * mean, rtol=1e-14)
