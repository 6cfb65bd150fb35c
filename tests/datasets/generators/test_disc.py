"""The disc has half of the square."""

from __future__ import annotations

import math

import numpy as np
import pytest

from layeratlas.datasets.generators.disc import draw
from layeratlas.datasets.generators.draw import Draw
from layeratlas.datasets.recipe import recipe_of


def test_inside_and_outside():
    rng = np.random.default_rng(0)
    x, y = draw(Draw(20_000, "train", {"outputs": 2}, rng, rng))
    assert x.min() >= -1 and x.max() < 1 and y.mean() == pytest.approx(0.5, abs=0.015)
    radius = np.hypot(*x.T)
    assert radius[y == 1].max() < math.sqrt(2 / math.pi) < radius[y == 0].min()


def test_test_samples_on_a_grid_fill_the_square_and_training_ones_stay():
    drawn = {
        (part, on): draw(Draw(25, part, {"test_grid": on}, np.random.default_rng(3), None))
        for part in ("train", "test")
        for on in (False, True)
    }
    assert np.array_equal(drawn["train", True][0], drawn["train", False][0])
    x, y = drawn["test", True]
    naive = [(2 * i / 5 - 0.8, 2 * j / 5 - 0.8) for j in range(5) for i in range(5)]
    np.testing.assert_allclose(x, naive, atol=1e-15)
    assert y.tolist() == [int(a * a + b * b < 2 / math.pi) for a, b in naive]


def test_runs_that_do_not_ask_for_a_grid_keep_their_ids():
    assert recipe_of({"source": "disc", "n_train": 10}).settings == {"outputs": 2}
