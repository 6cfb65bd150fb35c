"""Whether the user's files are still what they were when a job was planned."""

from __future__ import annotations

from pydantic import ValidationError

from layeratlas.datasets.recipes.own import Content, OwnRecipe
from layeratlas.errors import DatasetError


def found_again(recipe: OwnRecipe[Content]) -> Content:
    """The recipe's `content`. DatasetError where the files now hold something else, or are gone."""
    try:
        now = type(recipe).model_validate(recipe.model_dump() | {"content": None})
    except ValidationError as error:
        problem = error.errors()[0]
        raise DatasetError(problem["msg"].removeprefix("Value error, ")) from None
    if now.found != recipe.found:
        raise DatasetError(
            f"{recipe.path} is not what it was when this job was planned; start again, and what "
            "depends on it is made anew"
        )
    return now.found
