"""Whether the user's files are still what they were when a job was planned."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from layeratlas.errors import DatasetError


def found_again(recipe: BaseModel) -> dict[str, Any]:
    """The recipe's `content`. DatasetError where the files now hold something else, or are gone."""
    try:
        now = type(recipe).model_validate(recipe.model_dump() | {"content": None})
    except ValidationError as error:
        problem = error.errors()[0]
        raise DatasetError(problem["msg"].removeprefix("Value error, ")) from None
    content = now.content  # type: ignore[attr-defined]
    if content != recipe.content:  # type: ignore[attr-defined]
        raise DatasetError(
            f"{recipe.path} is not what it was when this job was planned; "  # type: ignore[attr-defined]
            "start again, and what depends on it is made anew"
        )
    return content
