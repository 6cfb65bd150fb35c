"""Layerwise rules: the fused kernel, its twin, the formulas, the rule with a kernel of its own."""

from __future__ import annotations

import numpy as np
import pytest
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

from layeratlas.backends import get_backend
from layeratlas.engine.optimizers.blockwise import blockwise, plain_blockwise
from layeratlas.engine.optimizers.layer_sizes import RULES
from layeratlas.engine.optimizers.registry import load_optimizer
from layeratlas.engine.settings import TrainingSettings
from layeratlas.networks.stack import layouts

FORMULAS = {
    "invariant": lambda c, norm, count: c / (count * norm**2),
    "normalized": lambda c, norm, count: c / (norm + 1e-12),
    "scaled": lambda c, norm, count: c,
    "cap": lambda c, norm, count: min(1.0, c / norm),
}


def both(backend):
    """`kernel_of` for `twins`."""
    return backend.kernel(blockwise, plain_blockwise)


@pytest.mark.parametrize("rule", RULES)
@DTYPES
@again
@given(members=st.integers(1, 3), sizes=SIZES, seed=SEEDS, data=st.data())
def test_a_step_is_the_formulas(twins, dtype, rule, members, sizes, seed, data):
    draw = Draw(seed, dtype)
    offsets = np.cumsum([0, *sizes])
    blocks = per_member(data, st.integers(-1, 2), len(sizes))
    order = sorted({b for b in blocks if b >= 0})
    blocks = [order.index(b) if b >= 0 else -1 for b in blocks]
    constants = draw.rng.uniform(0.1, 9, max(len(order), 1))
    theta, gradient = (draw.real(members, sum(sizes)) for _ in range(2))
    gradient[0] = 0  # such a member stays where it is
    rate = draw.rng.uniform(0, 0.1, (members, len(sizes)))
    fused, plain = twins(
        both, dtype, theta, gradient, Vector(rate), Offsets(offsets), Offsets(blocks),
        Vector(constants), RULES.index(rule),
    )  # fmt: skip
    assert_agree(fused, plain, dtype)
    expected = theta.astype(float)
    for e in range(1, members):
        for t, block in enumerate(blocks):
            if block < 0:
                continue
            parts = [slice(offsets[i], offsets[i + 1]) for i, b in enumerate(blocks) if b == block]
            norm = np.linalg.norm(np.concatenate([gradient[e, p].astype(float) for p in parts]))
            size = rate[e, t] * FORMULAS[rule](constants[block], norm, len(order))
            part = slice(offsets[t], offsets[t + 1])
            expected[e, part] -= size * gradient[e, part]
    tolerance = 1e-12 if dtype == "float64" else 1e-4
    np.testing.assert_allclose(fused[0], expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("rule", RULES)
def test_a_broken_gradient_shows(twins, rule):
    theta, gradient = np.ones((2, 4)), np.ones((2, 4))
    gradient[0, 1] = np.nan
    rate, offsets = Vector(np.full((2, 1), 0.1)), Offsets([0, 4])
    found = twins(
        both, "float64", theta, gradient, rate, offsets, Offsets([0]), Vector([1.0]),
        RULES.index(rule),
    )  # fmt: skip
    for after in found:
        assert np.isnan(after[0][0]).any() and np.isfinite(after[0][1]).all()


def test_invariant_steps_are_those_of_scale_invariant_sgd():
    layout, _ = layouts([(4, 3), (5, 4)], (3,))
    rng = np.random.default_rng(0)
    theta, gradient = rng.normal(size=(2, 2, layout.width))
    rates = np.array([[0.1] * len(layout.tensors), [0.2, 0, *[0.2] * (len(layout.tensors) - 2)]])
    after = []
    for chosen in (
        {"optimizer": "scale_invariant_sgd"},
        {"optimizer": "blockwise", "optimizer_settings": {"rule": "invariant"}},
        {"optimizer": "blockwise", "optimizer_settings": {"rule": "invariant",
                                                         "constants": [1, 1, 1]}},
    ):  # fmt: skip
        settings = TrainingSettings(**chosen).model_dump()
        backend = get_backend("cpu", "float64")
        moved = theta.copy()
        load_optimizer(settings["optimizer"])(settings, layout, backend, rates).step(
            moved, gradient, 1
        )
        after.append(moved)
    assert (after[0] != theta).any()
    for other in after[1:]:
        np.testing.assert_allclose(other, after[0], rtol=1e-14)
