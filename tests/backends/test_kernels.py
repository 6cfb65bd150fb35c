"""Every fused kernel against its twin in plain torch operations, on random shapes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layeratlas.backends import cpu_kernels

SEEDS = st.integers(0, 2**32 - 1)
SHAPES = st.tuples(st.integers(1, 4), st.integers(1, 40), st.integers(1, 19))
SLOPES = st.sampled_from([0.0, 0.2, 0.9, 1.0, -0.5])
DROPOUTS = st.sampled_from([0.0, 0.0, 1e-6, 0.04, 0.5, 0.97, 1 - 1e-9])
STREAMS = st.integers(0, 10**6)
DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])


class Draw:
    """Random arguments of one example."""

    def __init__(self, seed: int, dtype: str):
        self.rng, self.dtype = np.random.default_rng(seed), dtype

    def real(self, *shape, positive=False):
        values = self.rng.normal(size=shape)
        return (0.1 + values**2 if positive else values).astype(self.dtype)

    def labels(self, members, samples, n_classes):
        return self.rng.integers(n_classes, size=(members, samples))

    def keys(self, members):
        return self.rng.integers(2**32, size=(members, 2), dtype=np.uint32)


def assert_agree(got, expected, dtype, scale=1.0):
    rtol, atol = (1e-11, 1e-12) if dtype == "float64" else (2e-4, 1e-4)
    assert len(got) == len(expected)
    for a, b in zip(got, expected, strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol * scale)


@pytest.fixture
def twins(backends, run):
    """`twins(name, dtype, *arguments)`: the arrays that either backend leaves behind."""

    def call(name, dtype, *arguments):
        return [run(backend, name, *arguments) for backend in backends(dtype)]

    return call


# Fixtures here hold no state between examples.
again = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


def per_member(data, strategy, members):
    return data.draw(st.lists(strategy, min_size=members, max_size=members))


def test_every_kernel_has_a_twin(backends):
    cpu, on_torch = backends("float32")
    for name in cpu_kernels.names():
        assert callable(getattr(cpu, name)) and callable(getattr(on_torch, name))


# --- data --------------------------------------------------------------------------------------


@DTYPES
@again
@given(shape=SHAPES, n=st.integers(1, 30), seed=SEEDS)
def test_gather(twins, dtype, shape, n, seed):
    members, samples, features = shape
    draw = Draw(seed, dtype)
    source, index = draw.real(n, features), draw.labels(members, samples, n)
    fused, plain = twins("gather", dtype, source, index, draw.real(*shape))
    np.testing.assert_array_equal(fused[2], source[index])
    np.testing.assert_array_equal(plain[2], source[index])


@DTYPES
@again
@given(shape=SHAPES, seed=SEEDS, stream=STREAMS, data=st.data())
def test_add_input_noise(twins, kinds, dtype, shape, seed, stream, data):
    strength = per_member(data, st.sampled_from([0.0, 0.1, 0.8, 3.0]), shape[0])
    draw = Draw(seed, dtype)
    x, keys = draw.real(*shape), kinds.Keys(draw.keys(shape[0]))
    fused, plain = twins("add_input_noise", dtype, x, kinds.Vector(strength), keys, stream)
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
def test_replace_labels(twins, kinds, members, n, n_classes, seed, stream, data):
    strength = per_member(data, st.floats(0, 1), members)
    draw = Draw(seed, "float64")
    # Labels outside the classes show which ones were redrawn.
    labels, keys = draw.labels(members, n, 5) + n_classes, kinds.Keys(draw.keys(members))
    arguments = (labels, kinds.Vector(strength), n_classes, keys, stream)
    fused, plain = twins("replace_labels", "float64", *arguments)
    np.testing.assert_array_equal(fused[0], plain[0])
    redrawn = fused[0] != labels
    np.testing.assert_array_equal(redrawn.sum(axis=1), [int(p * n) for p in strength])
    assert ((fused[0] >= 0) & (fused[0] < n_classes))[redrawn].all()


@again
@given(members=st.integers(1, 4), n=st.integers(1, 200), seed=SEEDS, stream=STREAMS)
def test_permutations(twins, kinds, members, n, seed, stream):
    keys = kinds.Keys(Draw(seed, "float64").keys(members))
    out = np.zeros((members, n), np.int64)
    fused, plain = twins("permutations", "float64", keys, stream, out)
    np.testing.assert_array_equal(fused[0], plain[0])
    np.testing.assert_array_equal(np.sort(fused[0], axis=1), np.tile(np.arange(n), (members, 1)))


# --- layers ------------------------------------------------------------------------------------


@DTYPES
@again
@given(shape=SHAPES, seed=SEEDS)
def test_standardise(twins, dtype, shape, seed):
    members, _, d = shape
    draw = Draw(seed, dtype)
    running = draw.real(members, d), draw.real(members, d, positive=True)
    fused, plain = twins("standardise", dtype, draw.real(*shape), *running, 0.1, 1e-5)
    assert_agree(fused, plain, dtype, scale=10)


@DTYPES
@again
@given(shape=SHAPES, seed=SEEDS, stream=STREAMS, data=st.data())
def test_batch_norm_forward(twins, kinds, dtype, shape, seed, stream, data):
    members, _, d = shape
    slope, dropout = (per_member(data, s, members) for s in (SLOPES, DROPOUTS))
    draw = Draw(seed, dtype)
    z, (bias, scale, shift, mean) = draw.real(*shape), draw.real(4, members, d)
    fused, plain = twins(
        "batch_norm_forward", dtype, z, bias, scale, shift, mean,
        draw.real(members, d, positive=True), 0.1, 1e-5, kinds.Vector(slope),
        kinds.Vector(dropout), kinds.Keys(draw.keys(members)), stream,
        draw.real(members, d), draw.real(*shape),
    )  # fmt: skip
    # inverse_std and kept entries may be large: two equal samples, a rate near 1.
    kept = 65536 / max(1, 65536 * (1 - max(dropout)))
    assert_agree(fused, plain, dtype, scale=100 * kept)


@DTYPES
@again
@given(shape=SHAPES, seed=SEEDS, data=st.data())
def test_batch_norm_backward(twins, kinds, dtype, shape, seed, data):
    members, n, d = shape
    slope, dropout = (per_member(data, s, members) for s in (SLOPES, DROPOUTS))
    draw = Draw(seed, dtype)
    out = draw.real(*shape) * (draw.rng.random(shape) > 0.3)  # zeros are dropped, or on the kink
    rows = [draw.real(members, d) for _ in range(4)]
    dropout = np.minimum(dropout, 0.97)  # nothing is kept at a rate that rounds to 1
    fused, plain = twins(
        "batch_norm_backward", dtype, draw.real(*shape), out.astype(dtype), draw.real(*shape),
        *rows[:2], kinds.Vector(slope), kinds.Vector(dropout), *rows[2:],
    )  # fmt: skip
    assert_agree(fused, plain, dtype, scale=n / (1 - max(dropout)))


@DTYPES
@again
@given(shape=SHAPES, seed=SEEDS, stream=STREAMS, data=st.data())
def test_bias_activation_forward(twins, kinds, dtype, shape, seed, stream, data):
    slope, dropout = (per_member(data, s, shape[0]) for s in (SLOPES, DROPOUTS))
    draw = Draw(seed, dtype)
    fused, plain = twins(
        "bias_activation_forward", dtype, draw.real(*shape), draw.real(shape[0], shape[2]),
        kinds.Vector(slope), kinds.Vector(dropout), kinds.Keys(draw.keys(shape[0])), stream,
    )  # fmt: skip
    assert_agree(fused, plain, dtype)


@DTYPES
@again
@given(shape=SHAPES, seed=SEEDS, data=st.data())
def test_bias_activation_backward(twins, kinds, dtype, shape, seed, data):
    members, n, d = shape
    slope, dropout = (per_member(data, s, members) for s in (SLOPES, DROPOUTS))
    draw = Draw(seed, dtype)
    out = draw.real(*shape) * (draw.rng.random(shape) > 0.3)
    dropout = np.minimum(dropout, 0.97)
    fused, plain = twins(
        "bias_activation_backward", dtype, draw.real(*shape), out.astype(dtype),
        kinds.Vector(slope), kinds.Vector(dropout), draw.real(members, d),
    )  # fmt: skip
    assert_agree(fused, plain, dtype, scale=n / (1 - max(dropout)))


@DTYPES
@again
@given(shape=SHAPES, seed=SEEDS, data=st.data())
def test_affine_activation(twins, kinds, dtype, shape, seed, data):
    members, _, d = shape
    slope = per_member(data, SLOPES, members)
    draw = Draw(seed, dtype)
    rows = [draw.real(members, d) for _ in range(2)]
    fused, plain = twins("affine_activation", dtype, draw.real(*shape), *rows, kinds.Vector(slope))
    assert_agree(fused, plain, dtype)


# --- losses and optimisers -----------------------------------------------------------------------


@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
@DTYPES
@again
@given(shape=SHAPES, seed=SEEDS, spread=st.sampled_from([1.0, 1e-3, 30.0]))
def test_losses(twins, kinds, dtype, loss, shape, seed, spread):
    members, n, n_classes = shape
    draw = Draw(seed, dtype)
    fused, plain = twins(
        loss, dtype, draw.real(*shape) * np.dtype(dtype).type(spread),
        draw.real(members, n_classes), draw.labels(members, n, n_classes),
        kinds.Vector(np.zeros(members)), draw.real(members, n_classes),
    )  # fmt: skip
    assert_agree(fused, plain, dtype)


@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_broken_logit_shows_in_the_loss(twins, kinds, loss, bad):
    logits = np.zeros((2, 3, 4))
    logits[0, 1, 2] = bad
    labels, bias = np.zeros((2, 3), np.int64), np.zeros((2, 4))
    for after in twins(loss, "float64", logits, bias, labels, kinds.Vector([0.0, 0.0]), bias):
        broken, sound = after[3]
        assert not np.isfinite(broken) and np.isfinite(sound)


SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=4)


@DTYPES
@again
@given(members=st.integers(1, 4), sizes=SIZES, step=st.integers(1, 2000), seed=SEEDS)
def test_adam(twins, kinds, dtype, members, sizes, step, seed):
    draw = Draw(seed, dtype)
    offsets = kinds.Offsets(np.cumsum([0, *sizes]))
    theta, gradient, first = (draw.real(members, sum(sizes)) for _ in range(3))
    second = draw.real(members, sum(sizes), positive=True)
    rate = kinds.Vector(draw.rng.uniform(0, 0.1, (members, len(sizes))))
    fused, plain = twins(
        "adam", dtype, theta, gradient, first, second, rate, offsets, 0.9, 0.999, 1e-8, step
    )
    assert_agree(fused, plain, dtype)


@DTYPES
@again
@given(members=st.integers(1, 4), sizes=SIZES, momentum=st.sampled_from([0.0, 0.9]), seed=SEEDS)
def test_sgd(twins, kinds, dtype, members, sizes, momentum, seed):
    draw = Draw(seed, dtype)
    offsets = kinds.Offsets(np.cumsum([0, *sizes]))
    arrays = [draw.real(members, sum(sizes)) for _ in range(3)]
    rate = kinds.Vector(draw.rng.uniform(0, 0.1, (members, len(sizes))))
    fused, plain = twins("sgd", dtype, *arrays, rate, offsets, momentum)
    assert_agree(fused, plain, dtype)


@DTYPES
@again
@given(members=st.integers(1, 4), sizes=SIZES, seed=SEEDS, data=st.data())
def test_scale_invariant_sgd(twins, kinds, dtype, members, sizes, seed, data):
    draw = Draw(seed, dtype)
    offsets = kinds.Offsets(np.cumsum([0, *sizes]))
    blocks = per_member(data, st.integers(-1, 2), len(sizes))
    order = sorted({b for b in blocks if b >= 0})
    blocks = [order.index(b) if b >= 0 else -1 for b in blocks]
    theta, gradient = (draw.real(members, sum(sizes)) for _ in range(2))
    gradient[0] = 0  # such a member stays where it is
    rate = kinds.Vector(draw.rng.uniform(0, 0.1, (members, len(sizes))))
    fused, plain = twins(
        "scale_invariant_sgd", dtype, theta, gradient, rate, offsets, kinds.Offsets(blocks)
    )
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


def test_a_broken_gradient_shows_in_a_scale_invariant_step(twins, kinds):
    theta, gradient = np.ones((2, 4)), np.ones((2, 4))
    gradient[0, 1] = np.nan
    rate, offsets = kinds.Vector(np.full((2, 1), 0.1)), kinds.Offsets([0, 4])
    for after in twins(
        "scale_invariant_sgd", "float64", theta, gradient, rate, offsets, kinds.Offsets([0])
    ):
        assert np.isnan(after[0][0]).all() and np.isfinite(after[0][1]).all()
