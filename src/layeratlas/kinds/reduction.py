"""Reductions: one cube made of others by a function that the file names, the user's own too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field, field_validator, model_validator

from layeratlas.errors import ConfigError
from layeratlas.extending.sources import refusal
from layeratlas.kinds.base import STRICT, Kind, RunSettings
from layeratlas.runs.settings import SEQUENCE, own_settings
from layeratlas.tables import Table
from layeratlas.words import listed, quoted, suggestion


@dataclass(frozen=True)
class Reduction:
    """An entry of `REDUCTIONS`: `function` is "module:name", `settings` declares its own settings.

    The function takes the cubes by name of experiment, loaded, and its settings, and gives a
    dataset or tree of named arrays (`layeratlas.cubes.reducing`).
    """

    name: str
    function: str
    settings: Mapping[str, Any] | None = None


REDUCTIONS: Table[Reduction] = Table("reduction")
REDUCTIONS.add(Reduction("difference", "layeratlas.cubes.reductions:difference", {}))


class ReductionSettings(BaseModel):
    """Which function makes a cube of which others."""

    model_config = STRICT

    function: str = Field(
        description="a registered reduction, or where the function is: `my_file.py:name`, "
        "`extensions.my_file:name`"
    )
    of: Annotated[tuple[str, ...], SEQUENCE] = Field(
        min_length=1, description="experiments whose cubes it takes, in this order"
    )
    settings: dict[str, Any] = Field(
        default_factory=dict, description="settings of the function's own"
    )

    @field_validator("function")
    @classmethod
    def _there_is_one(cls, function: str) -> str:
        if function not in REDUCTIONS and ":" not in function:
            raise ValueError(
                f"{quoted(function)} is no reduction; {suggestion(function, REDUCTIONS)}give a "
                f"registered one ({listed(REDUCTIONS, 80) or 'there are none'}) or where the "
                "function is, such as 'my_file.py:name'"
            )
        return function

    @field_validator("of")
    @classmethod
    def _once_each(cls, of: tuple[str, ...]) -> tuple[str, ...]:
        if twice := [name for i, name in enumerate(of) if name in of[:i]]:
            raise ValueError(f"{quoted(twice[0])} appears twice")
        return of

    @model_validator(mode="after")
    def _its_own(self) -> ReductionSettings:
        entry = REDUCTIONS.get(self.function)
        if entry is not None and entry.settings is not None:
            own = own_settings(entry.settings, self.settings, f"reduction {self.function!r}")
            object.__setattr__(self, "settings", own)
        return self

    @property
    def reference(self) -> str:
        """Where the function is."""
        return REDUCTIONS[self.function].function if self.function in REDUCTIONS else self.function


class ReductionRun(RunSettings):
    """A reduction has no grid of its own: its axes are what its function leaves of others'."""

    reduction: ReductionSettings
    seed: int = Field(1, ge=0, lt=2**63)


def _reads(settings: Mapping[str, Any]) -> dict[str, str]:
    return {name: name for name in settings["reduction"]["of"]}


def _entries(settings: Mapping[str, Any]) -> tuple[str, ...]:
    return (ReductionSettings.model_validate(settings["reduction"]).reference,)


def _check_among(experiment: Any, known: Mapping[str, Any], where: str) -> None:
    """The function and the experiments that it takes must be there, and none may be made of it."""
    (reference,) = _entries(experiment.settings)
    if reason := refusal(reference):
        raise ConfigError(f"{where}: reduction.function: {reason}")
    for i, name in enumerate(experiment.settings["reduction"]["of"]):
        if name not in known:
            raise ConfigError(
                f"{where}: reduction.of[{i}]: there is no experiment {quoted(name)}; "
                f"{suggestion(name, known)}there are: {listed(known, 110)}"
            )
        if experiment.name in _ancestors(name, known):
            raise ConfigError(
                f"{where}: reduction.of[{i}]: {quoted(name)} is made of {experiment.name!r} itself"
            )


def _ancestors(name: str, known: Mapping[str, Any]) -> set[str]:
    """An experiment, and all those that its cube is made of."""
    found, todo = set(), [name]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            settings = known[name].settings if name in known else {}
            todo.extend(settings.get("reduction", {}).get("of", ()))
    return found


REDUCTION = Kind(
    name="reduction",
    settings=ReductionRun,
    sections=("reduction",),
    members={"seed": ("seed",)},
    horizon=lambda run: ("reduction", 0),
    moment="moment",
    stage="reduce_cubes",
    folder="reductions",
    shard_size=1,
    measured=False,
    has_grid=False,
    reads=_reads,
    entries=_entries,
    check_among=_check_among,
)
