"""Files that are still what they were."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.datasets.makers.again import found_again
from layeratlas.datasets.recipe import recipe_of
from layeratlas.errors import DatasetError


def test_the_same_or_refused(own):
    np.savez(own / "d.npz", x=np.ones((4, 2)), y=np.arange(4))
    recipe = recipe_of({"source": "arrays", "path": "d.npz", "n_train": 3})
    assert found_again(recipe) == recipe.content
    np.savez(own / "d.npz", x=np.ones((4, 2)), y=np.arange(4) % 2)
    with pytest.raises(DatasetError, match="is not what it was"):
        found_again(recipe)
    np.savez(own / "d.npz", x=np.full((4, 2), np.nan), y=np.arange(4) % 2)
    with pytest.raises(DatasetError, match="has NaN"):
        found_again(recipe)
