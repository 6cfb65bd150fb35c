"""What recipes of one's own files share: looked through once, the rest of the checks for all."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.datasets.recipe import recipe_of
from layeratlas.datasets.recipes.own import OwnRecipe


def test_what_was_found_is_part_of_the_recipe_and_not_looked_for_again(own, monkeypatch):
    np.savez(own / "d.npz", x=np.ones((4, 2)), y=np.ones(4))
    recipe = recipe_of({"source": "arrays", "path": "d.npz", "n_train": 3})
    assert isinstance(recipe, OwnRecipe) and recipe.in_place
    assert recipe.found is recipe.content
    (own / "d.npz").unlink()
    assert recipe_of(recipe.canonical_json) == recipe


def test_noise_of_labels_needs_classes(own, refused):
    np.savez(own / "d.npz", x=np.ones((4, 2)), y=np.ones(4))
    said = refused(source="arrays", path="d.npz", n_train=3, static_label_noise=0.1)
    assert said == "static_label_noise needs classes, and source 'arrays' gives vectors"


@pytest.mark.parametrize("sort", ["arrays", "folder", "text"])
def test_a_file_must_be_there(own, refused, sort):
    assert "cannot be read" in refused(source=sort, path="nowhere", n_train=3)
