"""Free mixed moments against sums over non-crossing partitions, and large random matrices."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.papers.nfa import free_probability as free
from layeratlas.signals.data_moments import MOMENTS


def partitions(items: list[int]):
    """All partitions of a list."""
    if not items:
        yield []
        return
    first, *rest = items
    for smaller in partitions(rest):
        yield [[first], *smaller]
        for i, block in enumerate(smaller):
            yield [*smaller[:i], [first, *block], *smaller[i + 1 :]]


def crosses(blocks) -> bool:
    for p, q in itertools.combinations(blocks, 2):
        for a, c in itertools.combinations(sorted(p), 2):
            inside = [a < b < c for b in q]
            if any(inside) and not all(inside):
                return True
    return False


def complement(blocks, n: int):
    """Kreweras': the coarsest partition of 1', …, n' that does not cross with 1, 1', …, n, n'."""
    finest = None
    for other in partitions(list(range(n))):
        both = [[2 * i for i in b] for b in blocks] + [[2 * i + 1 for i in b] for b in other]
        if not crosses(both) and (finest is None or len(other) < len(finest)):
            finest = other
    return finest


def mixed(words, kappa):
    """φ(M D₁ M D₂ … M D_n) of M free of all D: Σ_π Π κ_|V| Π φ of products over the complement."""
    n, d = len(words), len(words[0])
    total = 0.0
    for blocks in partitions(list(range(n))):
        if crosses(blocks):
            continue
        term = math.prod(kappa[len(block) - 1] for block in blocks)
        for block in complement(blocks, n):
            product = np.eye(d)
            for i in sorted(block):
                product = product @ words[i]
            term *= np.trace(product) / d
        total += term
    return total


def traces(a, b):
    d = len(a)
    alpha = a @ a
    products = (
        alpha, alpha @ alpha, b, b @ b, b @ alpha, b @ b @ alpha, b @ alpha @ alpha,
        b @ alpha @ b @ alpha,
    )  # fmt: skip
    return dict(zip(MOMENTS, (np.trace(p) / d for p in products), strict=True))


@given(
    st.integers(2, 6),
    st.integers(0, 10**6),
    st.lists(st.floats(0.1, 3), min_size=4, max_size=4),
)
def test_terms_are_those_of_the_partitions(d, seed, kappa):
    """F'' = A M A and G'' = A M B M A, whatever A, B and the cumulants are; no two commute."""
    rng = np.random.default_rng(seed)
    a, b = (m + m.T for m in rng.normal(size=(2, d, d)))
    alpha = a @ a
    found = free.mixed_moments(traces(a, b), kappa)
    expected = (
        mixed([alpha, alpha], kappa),
        # tr(A M A · A M B M A) = tr(M α M B M α).
        mixed([alpha, b, alpha], kappa),
        mixed([b, alpha, b, alpha], kappa),
    )
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_partitions_and_complements_are_as_counted():
    """14 of the 15 partitions of four do not cross, and |π| + |K(π)| = n + 1."""
    kept = [blocks for blocks in partitions(list(range(4))) if not crosses(blocks)]
    assert len(kept) == 14
    assert all(len(blocks) + len(complement(blocks, 4)) == 5 for blocks in kept)


@pytest.mark.parametrize("ratio", [0.5, 1, 2])
def test_large_matrices_have_these_moments(ratio):
    """One draw of M at d = 600: within its own fluctuation."""
    d = 600
    rng = np.random.default_rng(0)
    a, b = np.diag(np.linspace(0.2, 1.5, d)), np.diag(rng.uniform(0.1, 2, d))
    w = rng.normal(size=(int(ratio * d), d)) / np.sqrt(d)
    m = w.T @ w
    f, g = a @ m @ a, a @ m @ b @ m @ a
    expected = [np.trace(x) / d for x in (f @ f, f @ g, g @ g)]
    found = free.mixed_moments(traces(a, b), free.cumulants_of_signs(int(ratio * d), d))
    np.testing.assert_allclose(found, expected, rtol=0.05)
    rho = (f * g).sum() / np.linalg.norm(f) / np.linalg.norm(g)
    named = xr.DataArray(list(traces(a, b).values()), dims="moment")
    assert float(free.predicted(named, int(ratio * d), d)) == pytest.approx(rho, abs=0.005)


def test_a_prediction_whose_data_are_not_squared_fails():
    """α is A²: with A in its place the same matrices are missed by far."""
    d = 400
    rng = np.random.default_rng(1)
    a, b = np.diag(np.linspace(0.2, 3, d)), np.diag(rng.uniform(0.1, 2, d))
    w = rng.normal(size=(d, d)) / np.sqrt(d)
    f, g = a @ w.T @ w @ a, a @ w.T @ w @ b @ w.T @ w @ a
    wrong = free.mixed_moments(traces(np.sqrt(a), b), free.cumulants_of_signs(d, d))
    assert abs(wrong[0] / (np.trace(f @ f) / d) - 1) > 0.3
    assert abs(wrong[1] / (np.trace(f @ g) / d) - 1) > 0.3


@given(st.floats(0.02, 50), st.floats(1, 50))
def test_whitened_inputs_have_the_closed_form(c, r):
    """B = 1, of an A with φ(A²) = 1 and φ(A⁴) = r."""
    named = dict.fromkeys(MOMENTS, 1.0) | {"a4": r, "ba4": r, "ba2ba2": r}
    found = free.early_correlation(named, (c,) * 4)
    assert found == pytest.approx(free.whitened(c, r), abs=1e-9)
    assert free.whitened(c, r) >= 5 / math.sqrt(28) - 1e-12


def test_limits_of_the_closed_form():
    assert free.whitened(1, 1) == pytest.approx(0.944911, abs=1e-6)
    assert free.whitened(1e9, 1) == pytest.approx(1) and free.whitened(1, 1e9) == pytest.approx(1)
    found = free.first_step_and_target(np.array([1, 4, 16]), 60)
    np.testing.assert_allclose(found, [0.99177, 0.99792, 0.99948], atol=1e-5)


@given(st.integers(2, 6), st.integers(0, 10**6), st.floats(0.02, 50))
def test_the_first_step_points_at_the_target_as_the_partitions_tell(d, seed, c):
    """F'' = A M A beside EGOP = A², of a symmetric A: sums over partitions, whatever A is."""
    a = np.random.default_rng(seed).normal(size=(d, d))
    a = a + a.T
    alpha, kappa = a @ a, (c,) * 4
    # tr(A M A · A²) = tr(M A⁴).
    above = mixed([alpha @ alpha], kappa)
    squared = mixed([alpha, alpha], kappa), np.trace(alpha @ alpha) / d
    r = np.trace(alpha @ alpha) / d / (np.trace(alpha) / d) ** 2
    found = free.first_step_and_target(c, r)
    assert found == pytest.approx(above / math.sqrt(math.prod(squared)), abs=1e-9)


def test_cumulants_of_both_laws():
    assert free.cumulants_of_signs(512, 1024) == (0.5,) * 4
    assert free.cumulants_of_gaussians(512, 1024) == (0.5, 1.5, 7.5, 52.5)
