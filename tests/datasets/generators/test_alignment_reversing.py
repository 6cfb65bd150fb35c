"""Both parts have the covariance of the formula."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.datasets.generators.alignment_reversing import draw
from layeratlas.datasets.generators.draw import Draw


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
