"""Test samples on a grid fill a square."""

from __future__ import annotations

import pytest

from layeratlas.datasets.recipe import recipe_of


def test_a_grid_that_is_not_square_is_refused_with_those_that_are():
    made = {"source": "disc", "n_train": 10, "n_test": 24, "settings": {"test_grid": True}}
    with pytest.raises(ValueError, match=r"n_test: 24 test samples make no square grid.*16 or 25"):
        recipe_of(made)
    assert recipe_of(made | {"n_test": 25}).n_test_samples == 25
    assert recipe_of(made | {"settings": {}}).n_test_samples == 24
