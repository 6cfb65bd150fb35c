"""Numbers of feature matrices and gradient outer products against what defines them."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.metrics import matrices as metrics
from layeratlas.signals.matrices import centred, double_centred, uncentred
from layeratlas.signals.rotations import haar, rotations

K_D = [(3, 5), (5, 3)]
EXACT = {"rtol": 1e-12}


def drawn(k, d, seed=0):
    """W, W₀, K and K₀ of one member."""
    rng = np.random.default_rng(seed)
    w, start = rng.normal(size=(2, 1, k, d))
    g, h = rng.normal(size=(2, 1, 1, 2 * k, k))
    return w, start, g.swapaxes(2, 3) @ g, h.swapaxes(2, 3) @ h


@pytest.mark.parametrize("k, d", K_D)
def test_ratios_are_of_numerators(k, d):
    w, start, now, then = drawn(k, d)
    bar, change = (w - start)[0], (now - then)[0, 0]
    of_c = np.trace(bar.T @ bar @ bar.T @ now[0, 0] @ bar)
    of_uc = np.trace(w[0].T @ w[0] @ w[0].T @ now[0, 0] @ w[0])
    of_dc = np.trace(bar.T @ bar @ bar.T @ change @ bar)
    c, uc = centred(w, start, now), uncentred(w, now)
    np.testing.assert_allclose(metrics.ratio_c_uc(c, uc), of_c / of_uc, **EXACT)
    dc = double_centred(w, start, now, then)
    np.testing.assert_allclose(metrics.ratio_dc_c(dc, c), of_dc / of_c, **EXACT)


def test_before_training_changes_are_nothing_and_correlations_undefined():
    w, _, now, _ = drawn(3, 5)
    none = centred(w, w, now)
    assert metrics.dw_rel(w, w) == 0 and metrics.ratio_c_uc(none, uncentred(w, now)) == 0
    for undefined in (
        metrics.cosine(none),
        metrics.pearson(none),
        metrics.ratio_dc_c(double_centred(w, w, now, now), none),
    ):
        assert np.isnan(undefined)
    assert metrics.cosine(uncentred(w, now)) > 0


@pytest.mark.parametrize("k, d", K_D)
def test_traces_norms_ranks_and_matrices_are_those_of_the_matrices(k, d):
    w, start, now, _ = drawn(k, d)
    f, g = w[0].T @ w[0], w[0].T @ now[0, 0] @ w[0]
    found = uncentred(w, now)
    np.testing.assert_allclose(metrics.nfm(w)[0], f, **EXACT)
    np.testing.assert_allclose(metrics.agop(w, now)[0], g, **EXACT)
    for value, expected in (
        (metrics.nfm_trace(found), np.trace(f)),
        (metrics.nfm_norm(found), np.linalg.norm(f)),
        (metrics.agop_trace(found), np.trace(g)),
        (metrics.agop_norm(found), np.linalg.norm(g)),
        (metrics.nfm_effective_rank(found), np.trace(f) ** 2 / (f**2).sum()),
        (
            metrics.cotangent_effective_rank(now),
            np.trace(now[0, 0]) ** 2 / (now[0, 0] ** 2).sum(),
        ),
        (metrics.dw_rel(w, start), np.linalg.norm(w - start) / np.linalg.norm(w)),
    ):
        np.testing.assert_allclose(value, expected, rtol=1e-10)


def test_estimates_of_two_draws_are_as_large_as_what_they_estimate():
    """The square of a mean over draws would have their noise in it."""
    w, _, now, _ = drawn(4, 4)
    rng = np.random.default_rng(2)
    root = np.linalg.cholesky(now[0, 0])
    norms, ranks = [], []
    for _ in range(400):
        g = rng.normal(size=(1, 4, 6, 4)) @ root.T / np.sqrt(6)
        draws = g.swapaxes(2, 3) @ g
        norms.append(metrics.agop_norm(uncentred(w, draws)) ** 2)
        ranks.append(metrics.cotangent_effective_rank(draws))
    exact = metrics.agop_norm(uncentred(w, now)) ** 2
    assert abs(np.mean(norms) / exact - 1) < 0.1
    assert abs(np.mean(ranks) / metrics.cotangent_effective_rank(now) - 1) < 0.1


def test_the_expected_correlation_is_that_of_many_rotations():
    """Its numerator and denominator are exact means over O(k)."""
    k = np.diag([1.0, 2, 3, 4, 5, 6])[None, None]
    w = np.sqrt(np.diag([3.0, 2, 1, 0.5, 0.2, 0.1]))[None]
    found = rotations(w, k)
    s = w[0] @ w[0].T
    inner, square = [], []
    for n in range(4000):
        v = haar(6, n).numpy()
        q = v @ k[0, 0] @ v.T
        inner.append(np.trace(s @ s @ q))
        square.append(np.trace(q @ s @ q @ s))
    expected = np.mean(inner) / np.linalg.norm(s) / np.sqrt(np.mean(square))
    np.testing.assert_allclose(
        metrics.expected_rotated_nfc(uncentred(w, k), k), expected, rtol=0.01
    )
    # The specification's own number of this case, §5.5.
    assert abs(np.mean(square) - 199.575833) < 3
    assert metrics.rotated_nfc(found) == found.cosines.mean()
    assert metrics.rotated_nfc_sd(found) == pytest.approx(found.cosines[0].std(ddof=1))
    np.testing.assert_array_equal(metrics.rotated_agop(found), found.first)


def test_a_map_of_one_output_has_nowhere_to_turn():
    w, _, now, _ = drawn(1, 4)
    assert metrics.expected_rotated_nfc(uncentred(w, now), now) == 1
    np.testing.assert_allclose(metrics.rotated_nfc(rotations(w, now)), 1)


def test_of_what_training_added_the_same_is_expected():
    w, start, now, _ = drawn(5, 3)
    expected = metrics.expected_rotated_nfc(uncentred(w - start, now), now)
    assert metrics.expected_rotated_nfc(centred(w, start, now), now) == expected
    assert np.isnan(metrics.expected_rotated_nfc(centred(w, w, now), now))


def test_traces_of_data_are_the_signal_s():
    traces = np.arange(16.0).reshape(2, 8)
    assert metrics.moment_traces(traces) is traces
