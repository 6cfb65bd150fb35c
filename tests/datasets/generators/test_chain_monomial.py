"""The chain monomial, term by term."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.datasets.generators.chain_monomial import check, draw
from layeratlas.datasets.generators.draw import Draw


def drawn(n, **settings):
    return draw(Draw(n, "train", settings, np.random.default_rng(0), np.random.default_rng(1)))


@pytest.mark.parametrize(("d", "r"), [(5, 5), (9, 5), (6, 3)])
def test_the_sum_written_out(d, r):
    x, y = drawn(50, dimension=d, period=r)
    assert x.shape == (50, d)
    wanted = [sum(row[k % r] * row[(k + 1) % r] for k in range(1, r + 1)) for row in x]
    np.testing.assert_allclose(y, wanted, rtol=1e-12, atol=1e-12)


def test_moments():
    x, y = drawn(40_000, dimension=6, period=5)
    assert np.mean(y**2) == pytest.approx(5, rel=0.05)
    cycle = sum(np.eye(5, k=k) for k in (1, -1, 4, -4))
    np.testing.assert_allclose((x * y[:, None]).T @ x / 40_000, np.pad(cycle, (0, 1)), atol=0.09)


def test_a_cycle_fits_into_an_input():
    check({"dimension": 5, "period": 5})
    with pytest.raises(ValueError, match="period 6 is more than dimension 5"):
        check({"dimension": 5, "period": 6})
