"""What recipes of the user's own files share: where these are, and what was found in them."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Generic, Self, TypeVar

from pydantic import Field, model_validator

from layeratlas.datasets.recipes.base import BaseRecipe

Content = TypeVar("Content")


class OwnRecipe(BaseRecipe, Generic[Content]):
    """Files of the user's own; they stay where they are and are copied into nothing.

    Their identity is a checksum, which stands in `content` with what else was found in them.
    """

    in_place: ClassVar[bool] = True

    path: str = Field(min_length=1, description="a file or folder of your own")
    subset_seed: int = Field(1, ge=0, lt=2**63, description="Seed that picks the training subset.")
    content: Content | None = Field(
        None, description="what was found in the files: filled in by itself"
    )

    @model_validator(mode="after")
    def _looked_through(self) -> Self:
        if self.content is None:
            object.__setattr__(self, "content", self._look())
        self.refuse_unfit()
        return self

    @abstractmethod
    def _look(self) -> Content:
        """What is in the files. ValueError, a sentence, for what cannot be trained on."""

    @property
    def found(self) -> Content:
        """`content`, which every recipe has once it is made."""
        assert self.content is not None
        return self.content
