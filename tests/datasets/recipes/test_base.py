"""What recipes share: keys that stay, counts, standardisation."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from layeratlas.datasets import DatasetRecipe
from layeratlas.datasets.recipe import recipe_of
from layeratlas.datasets.recipes.base import count_of_test, refuse_counts


def test_later_settings_change_a_key_only_when_they_are_used():
    plain = DatasetRecipe(source="digits", n_train=10)
    assert "standardisation" not in plain.canonical_json
    used = DatasetRecipe(source="digits", n_train=10, standardisation="global")
    assert '"standardisation":"global"' in used.canonical_json
    assert "mean_shift" not in used.canonical_json and used.key != plain.key
    assert recipe_of(used.canonical_json) == used


def test_a_shift_needs_a_mean(refused):
    said = refused(source="digits", n_train=10, mean_shift=2.0)
    assert said.startswith("mean_shift 2 shifts nothing where standardisation is none")


def test_counts():
    assert [count_of_test(3, *rest) for rest in ((None, 10, 4), (None, 10, None), (2, 10, 4))] == [
        4, 7, 2,
    ]  # fmt: skip
    refuse_counts("x", 9, 1, 10, None, "rows")
    for n_train, n_test, official, said in (
        (11, None, None, "n_train = 11 is more than x has: 10 rows in all"),
        (10, None, None, "leaves nothing to test on: x has 10 rows"),
        (9, 2, None, "need 11 rows; x has 10"),
        (9, 5, 4, "n_test = 5 is more than x has: 4 test rows"),
    ):
        with pytest.raises(ValueError, match=said):
            refuse_counts("x", n_train, n_test, 10, official, "rows")


@pytest.mark.parametrize("source", ["arrays", "folder", "text"])
@pytest.mark.parametrize("content", [{}, {"n": 4}, {"n": "x", "checksum": 3}, 5])
def test_content_of_another_form_is_refused(own, source, content):
    with pytest.raises(ValidationError):
        recipe_of({"source": source, "path": "a", "n_train": 3, "content": content})
