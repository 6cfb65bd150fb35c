"""Fused kernels of dense layers against their twins in torch, on random shapes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made.kernels import (
    DROPOUTS,
    DTYPES,
    SEEDS,
    SHAPES,
    SLOPES,
    STREAMS,
    Draw,
    Keys,
    Vector,
    again,
    assert_agree,
    per_member,
)
from made.words import Words, dropout_bits, dropout_mask

from layeratlas.backends.dense import dense_kernels


def named(name: str):
    """`kernel_of` for `twins`."""
    return lambda backend: getattr(dense_kernels(backend), name)


@DTYPES
@again
@given(shape=SHAPES, seed=SEEDS)
def test_standardise(twins, dtype, shape, seed):
    members, _, d = shape
    draw = Draw(seed, dtype)
    running = draw.real(members, d), draw.real(members, d, positive=True)
    fused, plain = twins(named("standardise"), dtype, draw.real(*shape), *running, 0.1, 1e-5)
    assert_agree(fused, plain, dtype, scale=10)


@DTYPES
@again
@given(shape=SHAPES, seed=SEEDS, stream=STREAMS, data=st.data())
def test_batch_norm_forward(twins, dtype, shape, seed, stream, data):
    members, _, d = shape
    slope, dropout = (per_member(data, s, members) for s in (SLOPES, DROPOUTS))
    draw = Draw(seed, dtype)
    z, (bias, scale, shift, mean) = draw.real(*shape), draw.real(4, members, d)
    fused, plain = twins(
        named("batch_norm_forward"), dtype, z, bias, scale, shift, mean,
        draw.real(members, d, positive=True), 0.1, 1e-5, Vector(slope),
        Vector(dropout), draw.keys(members), stream,
        draw.real(members, d), draw.real(*shape),
    )  # fmt: skip
    # inverse_std and kept entries may be large: two equal samples, a rate near 1.
    kept = 65536 / max(1, 65536 * (1 - max(dropout)))
    assert_agree(fused, plain, dtype, scale=100 * kept)


@DTYPES
@again
@given(shape=SHAPES, seed=SEEDS, data=st.data())
def test_batch_norm_backward(twins, dtype, shape, seed, data):
    members, n, d = shape
    slope, dropout = (per_member(data, s, members) for s in (SLOPES, DROPOUTS))
    draw = Draw(seed, dtype)
    out = draw.real(*shape) * (draw.rng.random(shape) > 0.3)  # zeros are dropped, or on the kink
    rows = [draw.real(members, d) for _ in range(4)]
    dropout = np.minimum(dropout, 0.97)  # nothing is kept at a rate that rounds to 1
    fused, plain = twins(
        named("batch_norm_backward"), dtype, draw.real(*shape), out.astype(dtype),
        draw.real(*shape), *rows[:2], Vector(slope), Vector(dropout), *rows[2:],
    )  # fmt: skip
    assert_agree(fused, plain, dtype, scale=n / (1 - max(dropout)))


@DTYPES
@again
@given(shape=SHAPES, seed=SEEDS, stream=STREAMS, data=st.data())
def test_bias_activation_forward(twins, dtype, shape, seed, stream, data):
    slope, dropout = (per_member(data, s, shape[0]) for s in (SLOPES, DROPOUTS))
    draw = Draw(seed, dtype)
    fused, plain = twins(
        named("bias_activation_forward"), dtype, draw.real(*shape), draw.real(shape[0], shape[2]),
        Vector(slope), Vector(dropout), draw.keys(shape[0]), stream,
    )  # fmt: skip
    assert_agree(fused, plain, dtype)


@DTYPES
@again
@given(shape=SHAPES, seed=SEEDS, data=st.data())
def test_bias_activation_backward(twins, dtype, shape, seed, data):
    members, n, d = shape
    slope, dropout = (per_member(data, s, members) for s in (SLOPES, DROPOUTS))
    draw = Draw(seed, dtype)
    out = draw.real(*shape) * (draw.rng.random(shape) > 0.3)
    dropout = np.minimum(dropout, 0.97)
    fused, plain = twins(
        named("bias_activation_backward"), dtype, draw.real(*shape), out.astype(dtype),
        Vector(slope), Vector(dropout), draw.real(members, d),
    )  # fmt: skip
    assert_agree(fused, plain, dtype, scale=n / (1 - max(dropout)))


@DTYPES
@again
@given(shape=SHAPES, seed=SEEDS, data=st.data())
def test_affine_activation(twins, dtype, shape, seed, data):
    members, _, d = shape
    slope = per_member(data, SLOPES, members)
    draw = Draw(seed, dtype)
    rows = [draw.real(members, d) for _ in range(2)]
    fused, plain = twins(named("affine_activation"), dtype, draw.real(*shape), *rows, Vector(slope))
    assert_agree(fused, plain, dtype)


# --- both ways against the formulas themselves ---------------------------------------------------


@pytest.mark.parametrize("n", [2, 127, 128, 129, 300])
def test_statistics_of_many_rows_are_those_of_all(twins, n):
    """Rows are summed in blocks of 128; running variances are unbiased."""
    draw = Draw(n, "float64")
    x, mean, var = 3 + draw.real(2, n, 4), draw.real(2, 4), draw.real(2, 4, positive=True)
    spread = x.var(axis=1)
    moved = mean + 0.1 * (x.mean(axis=1) - mean), var + 0.1 * (spread * n / (n - 1) - var)
    normalised = (x - x.mean(axis=1)[:, None]) / np.sqrt(spread + 1e-5)[:, None]
    for found in twins(named("standardise"), "float64", x, mean, var, 0.1, 1e-5):
        assert_agree(found, [normalised, *moved], "float64")
    bias, scale, shift = draw.real(3, 2, 4)
    moved = moved[0] + 0.1 * bias, moved[1]
    y = scale[:, None] * normalised + shift[:, None]
    for found in twins(
        named("batch_norm_forward"), "float64", x, bias, scale, shift, mean, var, 0.1, 1e-5,
        Vector([0.2, 0.2]), Vector([0.0, 0.0]), draw.keys(2), 0, draw.real(2, 4),
        draw.real(*x.shape),
    ):  # fmt: skip
        assert_agree([found[0], *found[4:6]], [normalised, *moved], "float64")
        assert_agree([found[-1]], [np.where(y > 0, y, 0.2 * y)], "float64")


@pytest.mark.parametrize("shape", [(1, 3), (4, 4), (7, 5), (6, 7)])
def test_dropout_is_decided_by_the_words_themselves(twins, shape):
    """Word by word in Python; at rates that some element meets exactly, and then it is kept."""
    bits = dropout_bits(shape, 5, 2, 9)
    keys = Keys(np.array([Words(5, "dropout", 2).key], np.uint32))
    for rate in (0.3, *(word / 65536 for word in bits.ravel()[[0, -1, len(bits) // 2]])):
        mask = dropout_mask(shape, rate, 5, 2, 9)
        for (found, *_) in twins(
            named("bias_activation_forward"), "float64", np.ones((1, *shape)),
            np.zeros((1, shape[1])), Vector([1.0]), Vector([rate]), keys, 9,
        ):  # fmt: skip
            np.testing.assert_allclose(found[0], mask, rtol=1e-15)
