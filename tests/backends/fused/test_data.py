"""Fused kernels of minibatches against their twins in torch, on random shapes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from made.kernels import DTYPES, SEEDS, SHAPES, STREAMS, Draw, Vector, again, per_member

from layeratlas.backends.data import data_kernels


def named(name: str):
    """`kernel_of` for `twins`."""
    return lambda backend: getattr(data_kernels(backend), name)


@DTYPES
@again
@given(shape=SHAPES, n=st.integers(1, 30), seed=SEEDS)
def test_gather(twins, dtype, shape, n, seed):
    members, samples, features = shape
    draw = Draw(seed, dtype)
    source, index = draw.real(n, features), draw.labels(members, samples, n)
    fused, plain = twins(named("gather"), dtype, source, index, draw.real(*shape))
    np.testing.assert_array_equal(fused[2], source[index])
    np.testing.assert_array_equal(plain[2], source[index])


@DTYPES
@again
@given(shape=SHAPES, seed=SEEDS, stream=STREAMS, data=st.data())
def test_add_input_noise(twins, dtype, shape, seed, stream, data):
    strength = per_member(data, st.sampled_from([0.0, 0.1, 0.8, 3.0]), shape[0])
    draw = Draw(seed, dtype)
    x, keys = draw.real(*shape), draw.keys(shape[0])
    fused, plain = twins(named("add_input_noise"), dtype, x, Vector(strength), keys, stream)
    # The fused normals are polynomials, right to 2e-6.
    spread = 3 * x.std() + 1
    np.testing.assert_allclose(fused[0], plain[0], rtol=1e-5, atol=1e-5 * spread)
    for e in np.flatnonzero(np.array(strength) == 0):
        np.testing.assert_array_equal(fused[0][e], x[e])
        np.testing.assert_array_equal(plain[0][e], x[e])


@again
@given(
    members=st.integers(1, 4),
    n=st.integers(1, 200),
    n_classes=st.integers(1, 20),
    seed=SEEDS,
    stream=STREAMS,
    data=st.data(),
)
def test_replace_labels(twins, members, n, n_classes, seed, stream, data):
    strength = per_member(data, st.floats(0, 1), members)
    draw = Draw(seed, "float64")
    # Labels outside the classes show which ones were redrawn.
    labels, keys = draw.labels(members, n, 5) + n_classes, draw.keys(members)
    arguments = (labels, Vector(strength), n_classes, keys, stream)
    fused, plain = twins(named("replace_labels"), "float64", *arguments)
    np.testing.assert_array_equal(fused[0], plain[0])
    redrawn = fused[0] != labels
    np.testing.assert_array_equal(redrawn.sum(axis=1), [int(p * n) for p in strength])
    assert ((fused[0] >= 0) & (fused[0] < n_classes))[redrawn].all()


@again
@given(members=st.integers(1, 4), n=st.integers(1, 200), seed=SEEDS, stream=STREAMS)
def test_permutations(twins, members, n, seed, stream):
    keys = Draw(seed, "float64").keys(members)
    out = np.zeros((members, n), np.int64)
    fused, plain = twins(named("permutations"), "float64", keys, stream, out)
    np.testing.assert_array_equal(fused[0], plain[0])
    np.testing.assert_array_equal(np.sort(fused[0], axis=1), np.tile(np.arange(n), (members, 1)))
