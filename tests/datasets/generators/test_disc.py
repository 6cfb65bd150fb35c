"""The disc has half of the square."""

from __future__ import annotations

import math

import numpy as np
import pytest

from layeratlas.datasets.generators.disc import draw
from layeratlas.datasets.generators.draw import Draw


def test_inside_and_outside():
    rng = np.random.default_rng(0)
    x, y = draw(Draw(20_000, "train", {"outputs": 2}, rng, rng))
    assert x.min() >= -1 and x.max() < 1 and y.mean() == pytest.approx(0.5, abs=0.015)
    radius = np.hypot(*x.T)
    assert radius[y == 1].max() < math.sqrt(2 / math.pi) < radius[y == 0].min()
