"""Recipes of every sort, told apart by their source."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from layeratlas.datasets.generators.registry import GENERATORS
from layeratlas.datasets.recipe import SORTS, DatasetRecipe, recipe_of, sort_of
from layeratlas.datasets.registry import source_names


def test_the_source_says_the_sort():
    assert sort_of({"source": "mnist"}) == "images"
    assert sort_of({"source": "disc"}) == "generated"
    assert [sort_of({"source": name}) for name in ("arrays", "folder", "text")] == [
        "arrays", "folder", "text",
    ]  # fmt: skip
    assert sort_of({"source": "nothing"}) == "images" and sort_of({"source": [1]}) == "images"
    assert sort_of(3) is None
    assert sort_of(recipe_of({"source": "disc", "n_train": 3})) == "generated"


def test_from_settings_and_from_their_text():
    settings = {"source": "digits", "n_train": 5}
    assert recipe_of(settings) == DatasetRecipe(**settings)
    assert recipe_of('{"source": "digits", "n_train": 5}') == DatasetRecipe(**settings)


def test_an_unknown_source_is_told_all_there_are():
    with pytest.raises(ValidationError, match=r"Did you mean 'disc'\?"):
        recipe_of({"source": "disk", "n_train": 5})


def test_names_are_all_different():
    assert len(set(source_names())) == len(source_names())
    assert set(GENERATORS) < set(source_names())


@pytest.mark.parametrize("sort", SORTS)
def test_every_setting_is_described(sort):
    assert all(field.description for field in SORTS[sort].model_fields.values())
