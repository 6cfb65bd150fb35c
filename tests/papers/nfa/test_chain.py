"""The target's own matrix, and how matrices go with it."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from made.correlated import chain_cube, matrices_cube

from layeratlas.papers.nfa import chain


@pytest.mark.parametrize("period", [3, 4, 5, 6, 8, 11])
def test_the_matrix_is_the_mean_outer_product_of_the_target_s_gradient(period):
    d = period + 2
    x = np.random.default_rng(0).normal(size=(200_000, d))
    gradient = np.zeros_like(x)
    gradient[:, :period] = np.roll(x[:, :period], 1, 1) + np.roll(x[:, :period], -1, 1)
    np.testing.assert_allclose(gradient.T @ gradient / len(x), chain.egop(d, period), atol=0.04)


def test_its_spectrum_is_the_specification_s():
    values = np.sort(np.linalg.eigvalsh(chain.egop(32, 5)))[::-1]
    np.testing.assert_allclose(values[:5], [4, 2.618, 2.618, 0.382, 0.382], atol=1e-3)
    np.testing.assert_allclose(values[5:], 0, atol=1e-12)
    eight = np.sort(np.linalg.eigvalsh(chain.egop(8, 8)))[::-1]
    np.testing.assert_allclose(eight, [4, 4, 2, 2, 2, 2, 0, 0], atol=1e-12)
    for period in (5, 7, 12):
        a2 = chain.egop(20, period)
        ratio = np.trace(a2 @ a2) / period / (np.trace(a2) / period) ** 2
        assert ratio == pytest.approx(1.5)


def test_a_cube_tells_its_target():
    np.testing.assert_array_equal(chain.egop_of(chain_cube()), chain.egop(8, 5))


def test_correlations_and_shares_are_of_matrices():
    both = ("input", "other_input")
    rng = np.random.default_rng(1)
    a, b = (m @ m.T for m in rng.normal(size=(2, 9, 9)))
    rho = chain.correlation(xr.DataArray(a, dims=both), b)
    assert float(rho) == pytest.approx((a * b).sum() / np.linalg.norm(a) / np.linalg.norm(b))
    values = np.sort(np.linalg.eigvalsh(a))
    found = chain.top_share(xr.DataArray(a, dims=both))
    assert float(found) == pytest.approx(values[-5:].sum() / values.sum())
    lost = xr.DataArray(np.full((9, 9), np.nan), dims=both)
    assert np.isnan(chain.top_share(lost))


def test_matrices_are_the_first_layer_s():
    found = chain.matrices(matrices_cube(), "nfm")
    assert found.dims == ("init_gain", "seed", "input", "other_input")
    np.testing.assert_allclose(found.sel(init_gain=1.0)[0], chain.egop(8, 5) + 3 * np.eye(8))
    assert chain.scales(matrices_cube()) == [0.25, 0.5, 1.0, 2.0]


def test_what_the_loss_goes_back_to_is_found_by_a_loop():
    losses = (5, 0.4, 0.9, 0.3, 2.0, 0.1)
    cube = chain_cube(losses=losses, status=lambda **at: 4)
    for below in (0.5, 0.35, 0.05):
        after = [
            loss for i, loss in enumerate(losses) if any(b < below for b in losses[: i + 1])
        ]  # fmt: skip
        expected = max(after, default=np.nan)
        np.testing.assert_array_equal(chain.rebound(cube, below), np.full((4, 3), expected))
