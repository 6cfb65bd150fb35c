"""A data set as an experiment asks for it: source, subset, pre-processing, static noise."""

from __future__ import annotations

import hashlib
import json
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from layeratlas.datasets.registry import get_source
from layeratlas.datasets.source import Source
from layeratlas.errors import DatasetError


class DatasetRecipe(BaseModel):
    """Everything that determines the arrays a network is trained and tested on.

    The *static* noise of a recipe is drawn once and stored with the data. *Fresh* noise, redrawn
    at every training step, is a setting of the training and not of the data set.

    >>> recipe = DatasetRecipe(source="mnist_5k", n_train=2560, size=10)
    >>> recipe.n_features, recipe.n_classes, recipe.n_test_samples
    (100, 10, 2440)
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    source: str = Field(description="Name of the data set in the registry, e.g. 'mnist'.")
    n_train: int = Field(
        ge=1,
        le=10**9,
        description="Training images, drawn from the training part (or from the pool).",
    )
    n_test: int | None = Field(
        default=None,
        ge=1,
        le=10**9,
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
    static_label_noise: float = Field(
        default=0.0,
        ge=0.0,
        le=1.0,
        description="Fraction p of training labels redrawn once from all K classes; about "
        "(1 - 1/K) p of the labels change. Not the noise redrawn at every step.",
    )
    static_input_noise: float = Field(
        default=0.0,
        ge=0.0,
        le=1e6,
        description="Standard deviation of Gaussian noise added once to the training images, in "
        "units of their own standard deviation. Not the noise redrawn at every step.",
    )
    static_noise_seed: int = Field(
        default=0, ge=0, lt=2**63, description="Seed of both kinds of static noise."
    )

    @field_validator("source")
    @classmethod
    def _source_is_known(cls, name: str) -> str:
        try:
            return get_source(name).name
        except DatasetError as error:
            raise ValueError(str(error)) from None

    @field_validator("static_label_noise", "static_input_noise")
    @classmethod
    def _no_negative_zero(cls, value: float) -> float:
        return value + 0.0  # -0.0 + 0.0 is 0.0: equal recipes must have equal keys

    @model_validator(mode="after")
    def _counts_fit_the_source(self) -> DatasetRecipe:
        source = self._source
        if source.n_test is not None:
            _refuse_more(source, "n_train", self.n_train, source.n_train, "training images")
            if self.n_test is not None:
                _refuse_more(source, "n_test", self.n_test, source.n_test, "test images")
            return self
        _refuse_more(source, "n_train", self.n_train, source.n_train, "images in all")
        rest = source.n_train - self.n_train
        if rest == 0:
            raise ValueError(
                f"n_train = {self.n_train} leaves nothing to test on: {source.name} has "
                f"{source.n_train} images and no official test part. "
                f"Use n_train of at most {source.n_train - 1}."
            )
        if self.n_test is not None and self.n_test > rest:
            raise ValueError(
                f"n_train = {self.n_train} and n_test = {self.n_test} need "
                f"{self.n_train + self.n_test} images; {source.name} has {source.n_train} and no "
                f"official test part. Use n_test of at most {rest}, or fewer training images."
            )
        return self

    @property
    def _source(self) -> Source:
        return get_source(self.source)

    @property
    def canonical_json(self) -> str:
        """The recipe with every default spelled out, keys sorted, no spaces."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))

    @property
    def key(self) -> str:
        """First 16 hexadecimal digits of the sha256 of `canonical_json`."""
        return hashlib.sha256(self.canonical_json.encode()).hexdigest()[:16]

    @property
    def n_classes(self) -> int:
        """K, the number of classes of the source."""
        return self._source.n_classes

    @property
    def n_outputs(self) -> int:
        """Outputs that a network has for the targets: one a class."""
        return self.n_classes

    @property
    def target_kind(self) -> Literal["classes", "vectors", "tokens"]:
        """What a target is: a class."""
        return "classes"

    @property
    def input_kind(self) -> Literal["real", "tokens"]:
        """What the entries of an input are: real numbers."""
        return "real"

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
    def n_features(self) -> int:
        """Entries of a flattened image: channels × image_size²."""
        return self.channels * self.image_size**2

    @property
    def n_test_samples(self) -> int:
        """Number of test images, also where `n_test` is None."""
        if self.n_test is not None:
            return self.n_test
        if self._source.n_test is not None:
            return self._source.n_test
        return self._source.n_train - self.n_train


def _refuse_more(source: Source, key: str, asked: int, available: int, what: str) -> None:
    if asked > available:
        raise ValueError(
            f"{key} = {asked} is more than {source.name} has: {available} {what}. "
            f"Use {key} of at most {available}."
        )
