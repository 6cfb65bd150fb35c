"""Data drawn from a formula, or by a function of the user's own."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator

from layeratlas.datasets.generators.entry import GeneratorEntry
from layeratlas.datasets.generators.registry import GENERATORS
from layeratlas.datasets.recipes.base import MOST, BaseRecipe, InputKind, TargetKind
from layeratlas.runs.settings import own_settings
from layeratlas.tables import NameIn, resolve

_MOST_NUMBERS = 10**8


class GeneratedRecipe(BaseRecipe):
    """A generator's draws: the project's (`layeratlas.datasets.generators`) or a user's."""

    maker: ClassVar[str] = "layeratlas.datasets.makers.generated:make"
    sized_by: ClassVar[str] = "settings"

    source: Annotated[str, NameIn(GENERATORS)] = Field(description="a generator")
    n_train: int = Field(ge=1, le=MOST, description="training samples that are drawn")
    n_test: int | None = Field(
        None, ge=1, le=MOST, description="test samples that are drawn; null: as many as of training"
    )
    draw_seed: int = Field(
        0, ge=0, lt=2**63, description="Seed of the draw; one draw for all seeds of networks."
    )
    settings: dict[str, Any] = Field(
        default_factory=dict, description="the generator's own settings"
    )

    @model_validator(mode="after")
    def _of_the_generator(self) -> GeneratedRecipe:
        entry = self._entry
        own = own_settings(entry.settings, self.settings, f"source {entry.name!r}")
        object.__setattr__(self, "settings", own)
        for what in (*self.input_shape, self.n_outputs):
            if not isinstance(what, int) or not 1 <= what <= _MOST_NUMBERS:
                raise ValueError(
                    f"source {entry.name!r} gives inputs of shape {self.input_shape} and "
                    f"{self.n_outputs} outputs; both must be whole numbers from 1"
                )
        if entry.check:
            resolve(entry.check)(own)
        if entry.fits:
            resolve(entry.fits)(own, self.n_train, self.n_test_samples)
        self.refuse_unfit()
        return self

    @property
    def _entry(self) -> GeneratorEntry:
        return GENERATORS[self.source]

    @property
    def input_shape(self) -> tuple[int, ...]:
        """As the generator declares it."""
        return tuple(self._number(axis) for axis in self._entry.input_shape)

    @property
    def input_kind(self) -> InputKind:
        """As the generator declares it."""
        return self._entry.input_kind

    @property
    def target_kind(self) -> TargetKind:
        """As the generator declares it."""
        return self._entry.target_kind

    @property
    def n_outputs(self) -> int:
        """As the generator declares it."""
        return self._number(self._entry.n_outputs)

    @property
    def n_classes(self) -> int:
        """As many as there are outputs, but two of a single one, whose sign tells them apart."""
        return max(self.n_outputs, 2)

    @property
    def n_test_samples(self) -> int:
        """As asked for, or as many as of training."""
        return self.n_train if self.n_test is None else self.n_test

    def entries(self) -> tuple[str, ...]:
        """Its maker, and the generator's function."""
        return (self.maker, self._entry.function)

    def _number(self, declared: int | str) -> int:
        return declared if isinstance(declared, int) else self.settings[declared]
