"""Traces of feature matrices and gradient outer products against the matrices themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.signals.matrices import centred, double_centred, matrices, pairs_of, rate, uncentred

TIGHT = {"rtol": 1e-10, "atol": 1e-12}
sizes = st.integers(1, 7)


def drawn(members, draws, k, d, seed):
    """V and positive K of every draw."""
    rng = np.random.default_rng(seed)
    g = rng.normal(size=(members, draws, 2 * k, k))
    return rng.normal(size=(members, k, d)), g.swapaxes(2, 3) @ g


@given(st.integers(1, 3), st.integers(1, 4), sizes, sizes, st.integers(0, 99))
def test_numbers_are_those_of_the_matrices_written_out(members, draws, k, d, seed):
    v, moments = drawn(members, draws, k, d, seed)
    found = matrices(v, moments)
    for m in range(members):
        f = v[m].T @ v[m]
        each = [v[m].T @ one @ v[m] for one in moments[m]]
        pairs = [
            (a * b).sum()
            for i, a in enumerate(each)
            for j, b in enumerate(each)
            if i != j or draws == 1
        ]
        inner = np.mean([(f * one).sum() for one in each])
        rho = inner / (np.linalg.norm(f) * np.sqrt(np.mean(pairs)))
        np.testing.assert_allclose(found.cosine()[m], rho, **TIGHT)
        np.testing.assert_allclose(found.feature_trace[m], np.trace(f), **TIGHT)
        np.testing.assert_allclose(
            found.gradient_trace[m], [np.trace(one) for one in each], **TIGHT
        )
        if draws == 1 and d > 1:
            expected = np.corrcoef(f.ravel(), each[0].ravel())[0, 1]
            np.testing.assert_allclose(found.pearson()[m], expected, rtol=1e-8)
            assert found.error()[m] == 0


def test_a_matrix_that_is_nothing_correlates_with_nothing():
    v, moments = drawn(1, 1, 3, 4, 0)
    for found in (matrices(0 * v, moments), centred(v, v, moments)):
        assert np.isnan(found.cosine()) and np.isnan(found.pearson()) and np.isnan(found.error())
    assert np.isnan(double_centred(v, 0 * v, moments, moments).cosine())


def test_the_moment_is_not_centred_with_the_weights_but_where_said():
    v, moments = drawn(1, 1, 3, 4, 1)
    start, other = drawn(1, 1, 3, 4, 2)
    bar = v - start
    assert centred(v, start, moments).cosine() == matrices(bar, moments).cosine()
    expected = matrices(bar, moments - other).cosine()
    assert double_centred(v, start, moments, other).cosine() == expected
    assert uncentred(v, moments).cosine() == matrices(v, moments).cosine()
    assert rate(v, moments).cosine() == matrices(-v, moments).cosine()


@pytest.mark.parametrize("draws", [2, 3, 16])
def test_the_standard_error_is_that_of_repeated_estimates(draws):
    """Over 300 sets of draws of a known K; what bias a root leaves is less than the spread."""
    rng = np.random.default_rng(3)
    v = rng.normal(size=(1, 8, 5))
    j = rng.normal(size=(400, 8)) * np.linspace(0.2, 2, 8)
    exact = matrices(v, (j.T @ j)[None, None]).cosine()[0]
    estimates, errors = [], []
    for _ in range(300):
        noise = rng.normal(size=(draws, 40, 400)) / np.sqrt(40)
        g = noise @ j
        found = matrices(v, (g.swapaxes(1, 2) @ g)[None])
        estimates.append(found.cosine()[0])
        errors.append(found.error()[0])
    spread = np.std(estimates)
    assert abs(np.mean(estimates) - exact) < (0.5 if draws == 16 else 1) * spread
    # Of few draws an error is itself a guess.
    assert 0.7 < np.sqrt(np.mean(np.square(errors))) / spread < (1.3 if draws == 16 else 1.6)


def test_pairs_are_of_different_draws():
    gram = np.array([[[9.0, 1.0], [3.0, 9.0]]])
    assert pairs_of(gram) == 2
    assert pairs_of(gram[:, :1, :1]) == 9
