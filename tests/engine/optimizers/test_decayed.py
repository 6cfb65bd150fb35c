"""Kernels with weight decay and Nesterov's momentum, and their twins; `adam` and `sgd` choose."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from made.kernels import DTYPES, SEEDS, SIZES, Draw, Offsets, Vector, again, assert_agree

from layeratlas.engine.optimizers.decayed import (
    decayed_adam,
    decayed_sgd,
    plain_decayed_adam,
    plain_decayed_sgd,
)


def descents(backend):
    """`kernel_of` for `twins`."""
    return backend.kernel(decayed_sgd, plain_decayed_sgd)


@DTYPES
@again
@given(
    members=st.integers(1, 3),
    sizes=SIZES,
    momentum=st.sampled_from([0.0, 0.9]),
    decay=st.sampled_from([0.0, 0.3]),
    nesterov=st.integers(0, 1),
    seed=SEEDS,
)
def test_decayed_sgd(twins, dtype, members, sizes, momentum, decay, nesterov, seed):
    draw = Draw(seed, dtype)
    offsets = Offsets(np.cumsum([0, *sizes]))
    arrays = [draw.real(members, sum(sizes)) for _ in range(3)]
    rate = Vector(draw.rng.uniform(0, 0.1, (members, len(sizes))))
    fused, plain = twins(descents, dtype, *arrays, rate, offsets, momentum, decay, nesterov)
    assert_agree(fused, plain, dtype)


def adams(backend):
    """`kernel_of` for `twins`."""
    return backend.kernel(decayed_adam, plain_decayed_adam)


@DTYPES
@again
@given(
    members=st.integers(1, 3),
    sizes=SIZES,
    step=st.integers(1, 2000),
    decay=st.sampled_from([0.0, 0.3]),
    decoupled=st.integers(0, 1),
    seed=SEEDS,
)
def test_decayed_adam(twins, dtype, members, sizes, step, decay, decoupled, seed):
    draw = Draw(seed, dtype)
    offsets = Offsets(np.cumsum([0, *sizes]))
    theta, gradient, first = (draw.real(members, sum(sizes)) for _ in range(3))
    second = draw.real(members, sum(sizes), positive=True)
    rate = Vector(draw.rng.uniform(0, 0.1, (members, len(sizes))))
    fused, plain = twins(
        adams, dtype, theta, gradient, first, second, rate, offsets, 0.9, 0.999, 1e-8, step,
        decay, decoupled,
    )  # fmt: skip
    assert_agree(fused, plain, dtype)
