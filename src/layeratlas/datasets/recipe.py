"""A data set as an experiment asks for it: a recipe of the sort that its `source` names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Tag, TypeAdapter

from layeratlas.datasets.corpora import CORPORA
from layeratlas.datasets.generators.registry import GENERATORS
from layeratlas.datasets.recipes.arrays import ArraysRecipe
from layeratlas.datasets.recipes.base import BaseRecipe
from layeratlas.datasets.recipes.folder import FolderRecipe
from layeratlas.datasets.recipes.generated import GeneratedRecipe
from layeratlas.datasets.recipes.images import DatasetRecipe
from layeratlas.datasets.recipes.text import CorpusRecipe, TextRecipe
from layeratlas.datasets.registry import OWN, SOURCES

__all__ = ["SORTS", "BaseRecipe", "DatasetRecipe", "Recipe", "recipe_of"]


def sort_of(settings: Any) -> str | None:
    """The sort of recipe that settings ask for by their `source`; images where that is unknown."""
    if isinstance(settings, BaseRecipe):
        return next(tag for tag, model in SORTS.items() if isinstance(settings, model))
    if not isinstance(settings, Mapping):
        return None
    source = settings.get("source")
    if source in OWN:
        return source
    if isinstance(source, str) and source in CORPORA:
        return "corpus"
    if isinstance(source, str) and source not in SOURCES and source in GENERATORS:
        return "generated"
    return "images"


SORTS: dict[str, type[BaseRecipe]] = {
    "images": DatasetRecipe,
    "arrays": ArraysRecipe,
    "folder": FolderRecipe,
    "text": TextRecipe,
    "corpus": CorpusRecipe,
    "generated": GeneratedRecipe,
}

Recipe = Annotated[
    Annotated[DatasetRecipe, Tag("images")]
    | Annotated[ArraysRecipe, Tag("arrays")]
    | Annotated[FolderRecipe, Tag("folder")]
    | Annotated[TextRecipe, Tag("text")]
    | Annotated[CorpusRecipe, Tag("corpus")]
    | Annotated[GeneratedRecipe, Tag("generated")],
    Discriminator(sort_of),
]

_ADAPTER: TypeAdapter[BaseRecipe] = TypeAdapter(Recipe)


def recipe_of(settings: Mapping[str, Any] | str) -> BaseRecipe:
    """The recipe of plain settings, or of their JSON. pydantic's ValidationError for wrong ones."""
    if isinstance(settings, str):
        return _ADAPTER.validate_json(settings)
    return _ADAPTER.validate_python(settings)
