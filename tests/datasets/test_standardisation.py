"""Standardised inputs against the formula written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.datasets import standardisation
from layeratlas.datasets.standardisation import standardise

SHAPES = st.sampled_from([(4,), (1, 3, 3), (3, 2, 4), (2, 5)])


def written_out(train, x, how, s):
    """One entry after the other, in float64."""
    out = np.empty(x.shape)
    for at in np.ndindex(x.shape[1:]):
        same = {
            "global": (slice(None),) * train.ndim,
            "per_channel": (slice(None), at[0]) if len(at) > 1 else (slice(None),),
            "per_pixel": (slice(None), *at),
            "mean_image": (slice(None), *at),
        }[how]
        own = train[same].astype(float)
        m, r = s * own.mean(), np.sqrt(np.square(own - s * own.mean()).mean())
        if how == "mean_image":
            r = np.sqrt(np.square(train - s * train.mean(axis=0, dtype=float)).mean())
        out[(slice(None), *at)] = (x[(slice(None), *at)] - m) / r
    return out


@given(
    SHAPES,
    st.sampled_from(["global", "per_channel", "per_pixel", "mean_image"]),
    st.sampled_from([1.0, 0.0, 2.5]),
    st.integers(2, 9),
    st.integers(1, 5),
)
def test_the_formula(shape, how, s, n, rows):
    rng = np.random.default_rng(0)
    train = (rng.random((n, *shape)) + 0.2).astype(np.float32)
    test = rng.random((3, *shape)).astype(np.float32)
    wanted = [written_out(train, x, how, s) for x in (train, test)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(standardisation, "_ROWS", rows)
        standardise(train, test, how, s)
    np.testing.assert_allclose(train, wanted[0], rtol=2e-5, atol=2e-5)
    np.testing.assert_allclose(test, wanted[1], rtol=2e-5, atol=2e-5)


def test_none_leaves_every_bit():
    x = np.random.default_rng(0).random((4, 3)).astype(np.float32)
    train, test = x.copy(), x.copy()
    standardise(train, test, "none")
    np.testing.assert_array_equal(train, x)


def test_an_entry_that_never_varies_is_zero_and_finite():
    train = np.full((5, 2), 0.3, np.float32)
    train[:, 1] = np.arange(5)
    test = np.ones((2, 2), np.float32)
    standardise(train, test, "per_pixel")
    np.testing.assert_allclose(train[:, 0], 0, atol=1e-7)
    np.testing.assert_allclose(test[:, 0], 0.7, atol=1e-6)
    assert train[:, 1].std() == pytest.approx(1)


def test_mean_square_is_one_at_any_shift_and_the_mean_cosine_grows_with_it():
    rng = np.random.default_rng(1)
    cosines = []
    for s in (1.0, 2.0, 3.0):
        train = rng.random((200, 1, 4, 4)).astype(np.float32)
        standardise(train, train[:1].copy(), "global", s)
        assert np.square(train).mean() == pytest.approx(1, abs=1e-5)
        unit = train.reshape(200, -1) / np.linalg.norm(train.reshape(200, -1), axis=1)[:, None]
        cosines.append((unit @ unit.T).mean())
    assert cosines == sorted(cosines) and cosines[0] < 0.1 < 0.5 < cosines[1]
