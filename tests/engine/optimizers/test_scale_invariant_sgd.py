"""Scale-invariant steps: the fused kernel, its twin, and the formula."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from made.kernels import (
    DTYPES,
    SEEDS,
    SIZES,
    Draw,
    Offsets,
    Vector,
    again,
    assert_agree,
    per_member,
)

from layeratlas.engine.optimizers.scale_invariant_sgd import (
    plain_scale_invariant_sgd,
    scale_invariant_sgd,
)


def both(backend):
    """`kernel_of` for `twins`."""
    return backend.kernel(scale_invariant_sgd, plain_scale_invariant_sgd)


@DTYPES
@again
@given(members=st.integers(1, 4), sizes=SIZES, seed=SEEDS, data=st.data())
def test_scale_invariant_sgd(twins, dtype, members, sizes, seed, data):
    draw = Draw(seed, dtype)
    offsets = Offsets(np.cumsum([0, *sizes]))
    blocks = per_member(data, st.integers(-1, 2), len(sizes))
    order = sorted({b for b in blocks if b >= 0})
    blocks = [order.index(b) if b >= 0 else -1 for b in blocks]
    theta, gradient = (draw.real(members, sum(sizes)) for _ in range(2))
    gradient[0] = 0  # such a member stays where it is
    rate = Vector(draw.rng.uniform(0, 0.1, (members, len(sizes))))
    fused, plain = twins(both, dtype, theta, gradient, rate, offsets, Offsets(blocks))
    assert_agree(fused, plain, dtype)
    np.testing.assert_array_equal(fused[0][0], theta[0])
    for e in range(1, members):
        for t, block in enumerate(blocks):
            part = slice(offsets.values[t], offsets.values[t + 1])
            step = np.zeros(sizes[t])
            if block >= 0:
                own = [i for i, other in enumerate(blocks) if other == block]
                square = sum(
                    (
                        gradient[e, offsets.values[i] : offsets.values[i + 1]].astype(float) ** 2
                    ).sum()
                    for i in own
                )
                step = rate.values[e, t] / (len(order) * square) * gradient[e, part]
            np.testing.assert_allclose(
                fused[0][e, part], theta[e, part] - step, rtol=1e-4, atol=1e-4
            )


def test_a_broken_gradient_shows_in_a_scale_invariant_step(twins):
    theta, gradient = np.ones((2, 4)), np.ones((2, 4))
    gradient[0, 1] = np.nan
    rate, offsets = Vector(np.full((2, 1), 0.1)), Offsets([0, 4])
    for after in twins(both, "float64", theta, gradient, rate, offsets, Offsets([0])):
        assert np.isnan(after[0][0]).all() and np.isfinite(after[0][1]).all()
