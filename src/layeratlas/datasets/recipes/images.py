"""Images of a registered data set: subset, pre-processing, static noise."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field, field_validator, model_validator

from layeratlas.datasets.recipes.base import (
    MOST,
    BaseRecipe,
    TargetKind,
    count_of_test,
    refuse_counts,
)
from layeratlas.datasets.registry import get_source, identity
from layeratlas.datasets.source import Source
from layeratlas.errors import DatasetError


class DatasetRecipe(BaseRecipe):
    """Images of a data set of the registry.

    >>> recipe = DatasetRecipe(source="mnist_5k", n_train=2560, size=10)
    >>> recipe.n_features, recipe.n_classes, recipe.n_test_samples
    (100, 10, 2440)
    """

    maker: ClassVar[str] = "layeratlas.datasets.makers.images:make"
    sized_by: ClassVar[str] = "size"

    source: str = Field(description="Name of the data set in the registry, e.g. 'mnist'.")
    n_train: int = Field(
        ge=1,
        le=MOST,
        description="Training images, drawn from the training part (or from the pool).",
    )
    n_test: int | None = Field(
        default=None,
        ge=1,
        le=MOST,
        description="Test images; null: the whole official test part, or, where there is none, "
        "all that the training subset leaves of the pool.",
    )
    size: int | None = Field(
        default=None,
        ge=1,
        le=10_000,
        description="Side in pixels to which images are resized (bilinear); null: as they come.",
    )
    antialias: bool = Field(
        default=True, description="Low-pass filter before shrinking; without it pixels are lost."
    )
    grayscale: bool = Field(
        default=False,
        description="Turn RGB into one channel: luma of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B.",
    )
    subset_seed: int = Field(
        default=1,
        ge=0,
        lt=2**63,
        description="Seed that picks the training subset; one subset for all seeds of networks.",
    )

    @field_validator("source")
    @classmethod
    def _source_is_known(cls, name: str) -> str:
        try:
            return get_source(name).name
        except DatasetError as error:
            raise ValueError(str(error)) from None

    @model_validator(mode="after")
    def _counts_fit_the_source(self) -> DatasetRecipe:
        source = self._source
        refuse_counts(
            source.name, self.n_train, self.n_test, source.n_train, source.n_test, "images"
        )
        return self

    @property
    def _source(self) -> Source:
        return get_source(self.source)

    @property
    def n_outputs(self) -> int:
        """One a class."""
        return self._source.n_classes

    @property
    def target_kind(self) -> TargetKind:
        """A class."""
        return "classes"

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(channel, row, column) of an input."""
        return (self.channels, self.image_size, self.image_size)

    @property
    def channels(self) -> int:
        """Channels of an image after `grayscale`."""
        return 1 if self.grayscale else self._source.shape[0]

    @property
    def image_size(self) -> int:
        """Side of the square images in pixels, after `size`."""
        return self.size if self.size is not None else self._source.shape[1]

    @property
    def n_test_samples(self) -> int:
        """Number of test images, also where `n_test` is None."""
        source = self._source
        return count_of_test(self.n_train, self.n_test, source.n_train, source.n_test)

    def source_identity(self) -> dict[str, Any]:
        """`layeratlas.datasets.source.Source.identity`."""
        return identity(self.source)

    def entries(self) -> tuple[str, ...]:
        """Its maker, and the reader of its source's files."""
        return (self.maker, self._source.reader)
