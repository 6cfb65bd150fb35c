"""Both parts have the covariance of the formula."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.datasets.generators.alignment_reversing import draw
from layeratlas.datasets.generators.draw import Draw
from layeratlas.networks.zoo.quadratic import initial_weights


@pytest.mark.parametrize(("d", "q"), [(10, 1), (512, 2), (767, 2)])
def test_two_parts(d, q):
    settings = {"dimension": d, "balance": 0.3, "epsilon": 0.25, "tau": 2.0}
    n = 4000
    rng = np.random.default_rng(0)
    x, y = draw(Draw(n, "train", settings, rng, np.random.default_rng(1)))
    assert y.sum() == 1200 and (y[:1200] == 1).all()
    ones, zeros = x[:1200].var(axis=0), x[1200:].var(axis=0)
    assert ones[: d // 2].mean() == pytest.approx(1, rel=0.05)
    assert ones[d // 2 :].mean() == pytest.approx(0.25, rel=0.05)
    assert (zeros[: d - q] == 0).all()
    assert zeros[d - q :].mean() == pytest.approx(2.0 * d / q, rel=0.05)


@pytest.mark.parametrize("balance", [0.1, 0.3, 0.7, 1.0])
def test_shares_that_are_whole_are_exact(balance):
    settings = {"dimension": 4, "balance": balance, "epsilon": 0.5, "tau": 1.0}
    rng = np.random.default_rng(0)
    _, y = draw(Draw(1000, "train", settings, rng, rng))
    assert y.sum() == round(1000 * balance)


INVERSE = {
    "dimension": 24, "balance": 0.5, "epsilon": 0.5, "tau": 1.5, "variant": "inverse", "width": 30,
    "network_seed": 3, "ridge": 1e-2,
}  # fmt: skip


def test_the_inverse_variant_has_the_covariance_of_the_formula():
    """S of the initial weights of the network of that seed, and of the samples of target 1."""
    n = 40_000
    rng = np.random.default_rng(0)
    x, y = draw(Draw(n, "train", INVERSE, rng, np.random.default_rng(1)))
    assert y.sum() == n // 2 and (y[: n // 2] == 1).all()
    ones, zeros = x[: n // 2], x[n // 2 :]
    w = initial_weights(24, 30, 3).numpy()
    m, a = w.T @ w, ones.T @ ones / len(ones)
    z = m @ a @ a @ m
    s = np.linalg.inv(z + 1e-2 * np.trace(z) / 24 * np.eye(24))
    s *= 1.5 * 24 / np.trace(s)
    found = zeros.T @ zeros / len(zeros)
    assert np.linalg.norm(found - s) < 0.03 * np.linalg.norm(s)
    # The first part is drawn as in the other variant.
    plain, _ = draw(
        Draw(n, "train", INVERSE | {"variant": "low_rank"}, np.random.default_rng(0), rng)
    )
    np.testing.assert_array_equal(plain[: n // 2], ones)


def test_without_samples_of_target_1_or_0_it_is_drawn_all_the_same():
    for balance in (1.0, 1e-9):
        rng = np.random.default_rng(0)
        x, y = draw(Draw(50, "train", INVERSE | {"balance": balance}, rng, rng))
        assert np.isfinite(x).all() and y.sum() in (0, 50)
