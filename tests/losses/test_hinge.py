"""Hinge loss: all its ways are one loss, of classes and of signs; of one output and of many."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made.kernels import DTYPES, SEEDS, SHAPES, again
from made.losses import KINDS, as_signs, check_broken_logit, check_loss

from layeratlas.losses.hinge import Hinge

LOSS = Hinge()


def naive(f, y):
    y = as_signs(f, y)
    return (1 - y * f).clamp(min=0).sum(1).mean()


@DTYPES
@again
@given(shape=SHAPES, seed=SEEDS, spread=st.sampled_from([1.0, 1e-3, 30.0]), kind=KINDS)
def test_it_is_the_naive_one(twins, dtype, shape, seed, spread, kind):
    check_loss(LOSS, naive, twins, dtype, shape, seed, spread, kind)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_broken_output_shows_in_the_loss(twins, bad):
    check_broken_logit(LOSS, twins, bad)
