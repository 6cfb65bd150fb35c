"""What recipes of every sort share: counts, noise drawn once, standardisation, their key."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from layeratlas.runs.settings import LATER, plain_settings

TargetKind = Literal["classes", "vectors", "tokens"]
InputKind = Literal["real", "tokens"]
Standardisation = Literal["none", "global", "per_channel", "per_pixel", "mean_image"]

MOST = 10**9
_SEED = 2**63


class BaseRecipe(BaseModel):
    """A recipe: everything that determines the arrays a network is trained and tested on.

    The *static* noise of a recipe is drawn once and stored with the data. *Fresh* noise, redrawn
    at every training step, is a setting of the training and not of the data set.

    Each sort says what its inputs and targets are before anything is loaded: `input_shape`,
    `input_kind`, `target_kind`, `n_outputs` and `n_test_samples`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    maker: ClassVar[str]
    """"module:function" that makes the arrays (`layeratlas.datasets.makers`)."""
    sized_by: ClassVar[str]
    """The setting that an input's size comes from."""
    in_place: ClassVar[bool] = False
    """Whether the arrays stay in the user's own files: a prepared data set then refers to them."""

    source: str = Field(description="where the data come from")
    n_train: int = Field(ge=1, le=MOST, description="training samples")
    n_test: int | None = Field(None, ge=1, le=MOST, description="test samples; null: all there are")
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
        default=0, ge=0, lt=_SEED, description="Seed of both kinds of static noise."
    )
    standardisation: Annotated[Standardisation, LATER] = Field(
        "none",
        description="what is subtracted from inputs and what they are divided by: mean and spread "
        "of the training set over everything, per channel or per entry; `mean_image`: the mean of "
        "each entry, and one spread",
    )
    mean_shift: Annotated[float, LATER] = Field(
        1.0,
        ge=-1e6,
        le=1e6,
        description="multiple of the mean that standardisation subtracts; the spread is then the "
        "root mean square of what is left",
    )

    @field_validator("static_label_noise", "static_input_noise", "mean_shift")
    @classmethod
    def _no_negative_zero(cls, value: float) -> float:
        return value + 0.0  # -0.0 + 0.0 is 0.0: equal recipes must have equal keys

    @model_validator(mode="after")
    def _shift_of_something(self) -> BaseRecipe:
        if self.standardisation == "none" and self.mean_shift != 1.0:
            raise ValueError(
                f"mean_shift {self.mean_shift:g} shifts nothing where standardisation is none; "
                "choose one, e.g. standardisation: global"
            )
        return self

    def refuse_unfit(self) -> None:
        """ValueError for noise or standardisation that there is not of such inputs and targets.

        For the validator of a sort that learns from its source what they are.
        """
        if self.static_label_noise and self.target_kind != "classes":
            raise ValueError(
                f"static_label_noise needs classes, and source {self.source!r} gives "
                f"{self.target_kind}"
            )
        for key, unset in (("static_input_noise", 0.0), ("standardisation", "none")):
            if getattr(self, key) != unset and self.input_kind == "tokens":
                raise ValueError(
                    f"{key} needs real inputs, and source {self.source!r} gives tokens; leave it "
                    "out"
                )

    @property
    def canonical_json(self) -> str:
        """The recipe with every default spelled out, keys sorted, no spaces.

        Settings that came later are left out at their default (`layeratlas.runs.settings`).
        """
        return json.dumps(plain_settings(self), sort_keys=True, separators=(",", ":"))

    @property
    def key(self) -> str:
        """First 16 hexadecimal digits of the sha256 of `canonical_json`."""
        return hashlib.sha256(self.canonical_json.encode()).hexdigest()[:16]

    @property
    def n_features(self) -> int:
        """Entries of a flattened input."""
        return math.prod(self.input_shape)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of one input: (channel, row, column), (feature,) or (position,)."""
        raise NotImplementedError

    @property
    def input_kind(self) -> InputKind:
        """What the entries of an input are: real numbers, or numbers of tokens."""
        return "real"

    @property
    def target_kind(self) -> TargetKind:
        """What a target is: a class, a vector of real numbers, or a token a position."""
        raise NotImplementedError

    @property
    def n_outputs(self) -> int:
        """Outputs that a network has for the targets: one a class, entry or token."""
        raise NotImplementedError

    @property
    def n_classes(self) -> int:
        """K, where targets are classes: as many as there are outputs, if nothing else is said."""
        return self.n_outputs

    @property
    def n_test_samples(self) -> int:
        """Number of test samples, also where `n_test` is None."""
        raise NotImplementedError

    def source_identity(self) -> dict[str, Any]:
        """What determines the source's content beside the recipe itself, as plain JSON."""
        return {}

    def entries(self) -> tuple[str, ...]:
        """Code, "module:function", that making the arrays finds by name."""
        return (self.maker,)


def refuse_more(source: str, key: str, asked: int, available: int, what: str) -> None:
    """ValueError where a source has fewer samples than are asked for."""
    if asked > available:
        raise ValueError(
            f"{key} = {asked} is more than {source} has: {available} {what}. "
            f"Use {key} of at most {available}."
        )


def refuse_counts(
    source: str, n_train: int, n_test: int | None, available: int, official: int | None, what: str
) -> None:
    """ValueError where a source has too few samples, or no test part and nothing left for one.

    `available` training samples (of a pool where there is no test part), `official` test samples.
    """
    if official is not None:
        refuse_more(source, "n_train", n_train, available, f"training {what}")
        if n_test is not None:
            refuse_more(source, "n_test", n_test, official, f"test {what}")
        return
    refuse_more(source, "n_train", n_train, available, f"{what} in all")
    rest = available - n_train
    if rest == 0:
        raise ValueError(
            f"n_train = {n_train} leaves nothing to test on: {source} has "
            f"{available} {what} and no official test part. "
            f"Use n_train of at most {available - 1}."
        )
    if n_test is not None and n_test > rest:
        raise ValueError(
            f"n_train = {n_train} and n_test = {n_test} need "
            f"{n_train + n_test} {what}; {source} has {available} and no "
            f"official test part. Use n_test of at most {rest}, or fewer training {what}."
        )


def count_of_test(n_train: int, n_test: int | None, available: int, official: int | None) -> int:
    """Test samples that are had: as asked for, all of the test part, or what is left of a pool."""
    if n_test is not None:
        return n_test
    return official if official is not None else available - n_train
