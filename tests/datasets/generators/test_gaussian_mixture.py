"""Clouds around centres that both parts share."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.datasets.generators.draw import Draw
from layeratlas.datasets.generators.gaussian_mixture import draw


def test_spread_and_separation():
    settings = {"dimension": 400, "classes": 3, "separation": 5.0}
    rng, shared = np.random.default_rng(0), np.random.default_rng(1)
    x, y = draw(Draw(3000, "train", settings, rng, shared))
    centres = np.stack([x[y == k].mean(axis=0) for k in range(3)])
    assert np.bincount(y).min() > 900
    assert (x - centres[y]).std() == pytest.approx(1, rel=0.02)
    # 400 entries of an estimate of variance 1/1000 add 0.4 to a squared distance of 25.
    np.testing.assert_allclose(np.square(centres).sum(axis=1), 25, rtol=0.25)
