"""Squared losses say by which factor; the rest is one."""

from __future__ import annotations

import numpy as np
import pytest
from made.kernels import DTYPES
from made.losses import check_loss

from layeratlas.losses.squares import SquaredLoss


class Tripled(SquaredLoss):
    def factor(self, n_outputs: int) -> float:
        return 3 * n_outputs


def test_a_factor_makes_a_loss():
    outputs, targets = np.array([[[1.0, 2.0]]]), np.array([[[0.0, 4.0]]])
    loss = Tripled()
    assert loss.residual(outputs, targets).tolist() == [[[1, -2]]]
    assert loss.value(outputs, targets).tolist() == [[30]]
    assert loss.gradient(outputs, targets).tolist() == [[[12, -24]]]
    assert loss.evaluate(outputs, targets[0]).tolist() == [30]


@DTYPES
def test_its_kernels_are_its_value_and_gradient(twins, dtype):
    def naive(f, y):
        return 3 * f.shape[1] * ((f - y) ** 2).sum(1).mean()

    for seed, shape in enumerate([(2, 7, 3), (1, 1, 1), (3, 5, 1)]):
        check_loss(Tripled(), naive, twins, dtype, shape, seed, 1.0, "numbers")


def test_one_without_a_factor_says_so():
    with pytest.raises(NotImplementedError):
        SquaredLoss().value(np.zeros((1, 1, 2)), np.zeros((1, 1, 2)))
