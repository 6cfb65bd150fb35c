"""`refine` of an experiment: a boundary in the plane of two axes, to be found in place of a
grid.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from layeratlas.config.refusing import plain, refuse_unknown, validated
from layeratlas.errors import ConfigError
from layeratlas.extending.sources import refusal
from layeratlas.kinds.base import Kind
from layeratlas.kinds.quantities import QUANTITIES
from layeratlas.runs.settings import SEQUENCE
from layeratlas.words import listed, quoted, suggestion

__all__ = [
    "LARGEST_GRADIENT",
    "Refine",
    "SeedRange",
    "first_runs",
    "refine_of",
    "refuse_misshapen_refine",
]

_STRICT = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
_Steepest = Literal["largest_gradient"]
LARGEST_GRADIENT: _Steepest = "largest_gradient"
"""In place of a level: the one whose line is the steepest, the front between two plateaus."""


class SeedRange(BaseModel):
    """How many seeds a point has: `from` when it is new, `to` where its verdict stays open."""

    model_config = _STRICT

    first: int = Field(2, ge=1, le=10_000, alias="from", description="seeds of a new point")
    to: int = Field(10, ge=1, le=10_000, description="most seeds of any point")

    @classmethod
    def of(cls, first: int, to: int) -> SeedRange:
        """As a file has it, whose `from` is no name of Python's."""
        return cls.model_validate({"from": first, "to": to})


class Refine(BaseModel):
    """A boundary that runs are spent on."""

    model_config = _STRICT

    of: str = Field(
        description="a registered quantity, or where its function is: `my_file.py:name`, "
        "`extensions.my_file:name`"
    )
    at: float | _Steepest = Field(
        0.0, description="the level; largest_gradient: the one whose line is the steepest"
    )
    axes: Annotated[tuple[str, str], SEQUENCE] = Field(
        description="the two axes of the grid that span the plane, abscissa first; their least and "
        "largest values bound it"
    )
    tolerance: float = Field(
        0.02, gt=0, le=0.5, description="how far off the boundary may be, root mean square, in "
        "units of the axes' ranges"
    )  # fmt: skip
    budget: int = Field(200, ge=1, le=100_000, description="runs in all, at most")
    seeds: SeedRange = SeedRange()
    batch: int = Field(24, ge=1, le=100_000, description="runs of a generation, about")
    log: Annotated[tuple[str, ...], SEQUENCE] = Field(
        (), description="axes whose distances are those of logarithms"
    )

    def asked(self) -> dict[str, Any]:
        """Plain JSON, as the file has it."""
        return self.model_dump(mode="json", by_alias=True)


def refuse_misshapen_refine(asked: Any, where: str, key: str) -> None:
    """ConfigError for what is no mapping of known keys; null takes an inherited one away."""
    if asked is None:
        return
    if not isinstance(asked, Mapping):
        raise ConfigError(
            f"{where}: {key}: expected a mapping such as {{of: convexity_index, at: 0, axes: "
            f"[negative_slope, dropout]}}, got {quoted(asked)}"
        )
    refuse_unknown(where, key, asked, Refine.model_fields)


def refine_of(
    raw: Mapping[str, Any],
    kind: Kind,
    grid: Mapping[str, Sequence[Any]],
    metrics: Sequence[str],
    where: str,
) -> Refine | None:
    """What a file asks to be refined, None where it asks for nothing.

    `grid` is checked and typed, its points the first generation; `metrics` are those that are
    measured. ConfigError for what cannot be refined.
    """
    if raw.get("refine") is None:
        return None
    asked = validated(Refine, raw["refine"], where, "refine")
    for i, axis in enumerate(asked.axes):
        _refuse_axis(axis, grid, axis in asked.log, f"{where}: refine.axes[{i}]", where)
    _refuse_plane(asked, grid, where)
    _refuse_quantity(asked, kind, metrics, where)
    _refuse_numbers(asked, grid, where)
    return asked


def first_runs(asked: Refine, grid: Mapping[str, Sequence[Any]]) -> int:
    """Runs of the first generation."""
    return math.prod(len(grid[axis]) for axis in asked.axes) * asked.seeds.first


def _refuse_axis(
    axis: str, grid: Mapping[str, Sequence[Any]], log: bool, spot: str, where: str
) -> None:
    if axis not in grid:
        raise ConfigError(
            f"{spot}: the grid has no axis {quoted(axis)}; {suggestion(axis, grid)}it has "
            f"{listed(grid, 110)}"
        )
    values = grid[axis]
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        raise ConfigError(
            f"{spot}: {plain(axis)} is no axis of numbers, it has "
            f"{listed(map(str, values), 80)}: a boundary is looked for between numbers"
        )
    if len(values) < 2:
        raise ConfigError(
            f"{spot}: {plain(axis)} has one value, {values[0]}; give at least its least and "
            "its largest"
        )
    if log and min(values) <= 0:
        raise ConfigError(
            f"{where}: refine.log: {plain(axis)} has the value {min(values)}, and logarithms "
            "are of positive numbers"
        )


def _refuse_plane(asked: Refine, grid: Mapping[str, Sequence[Any]], where: str) -> None:
    if asked.axes[0] == asked.axes[1]:
        raise ConfigError(f"{where}: refine.axes: {plain(asked.axes[0])} appears twice")
    if others := [axis for axis in grid if axis not in asked.axes]:
        raise ConfigError(
            f"{where}: refine.axes: the grid has a further axis, {plain(others[0])}; fix it in its "
            "section, and refine one plane an experiment"
        )
    if unknown := [axis for axis in asked.log if axis not in asked.axes]:
        raise ConfigError(
            f"{where}: refine.log: {plain(unknown[0])} is none of refine.axes, {listed(asked.axes)}"
        )


def _refuse_quantity(asked: Refine, kind: Kind, metrics: Sequence[str], where: str) -> None:
    if asked.of not in QUANTITIES:
        if ":" not in asked.of:
            raise ConfigError(
                f"{where}: refine.of: {quoted(asked.of)} is no quantity; "
                f"{suggestion(asked.of, QUANTITIES)}give a registered one "
                f"({listed(QUANTITIES, 80)}) or where the function is, such as 'my_file.py:name'"
            )
        if reason := refusal(asked.of):
            raise ConfigError(f"{where}: refine.of: {reason}")
        return
    quantity = QUANTITIES[asked.of]
    if kind.name not in quantity.kinds:
        raise ConfigError(
            f"{where}: refine.of: {asked.of!r} is of experiments of kind "
            f"{listed(quantity.kinds)}, and this one is of kind {kind.name!r}"
        )
    if kind.measured and (missing := [m for m in quantity.metrics if m not in metrics]):
        raise ConfigError(
            f"{where}: refine.of: {asked.of!r} is made of {missing[0]!r}, which measure.metrics "
            "has not; add it"
        )
    low, high = quantity.between
    if not isinstance(asked.at, str) and not low <= asked.at <= high:
        raise ConfigError(
            f"{where}: refine.at: {asked.at:g} is outside of what {asked.of!r} can be, {low:g} to "
            f"{high:g}"
        )


def _refuse_numbers(asked: Refine, grid: Mapping[str, Sequence[Any]], where: str) -> None:
    if asked.seeds.to < asked.seeds.first:
        raise ConfigError(
            f"{where}: refine.seeds: from {asked.seeds.first} to {asked.seeds.to}; `to` is the "
            "larger"
        )
    first = first_runs(asked, grid)
    if asked.budget < first:
        told = " × ".join(f"{len(grid[axis])} {axis}" for axis in asked.axes)
        raise ConfigError(
            f"{where}: refine.budget: {asked.budget} runs, and the first generation alone has "
            f"{first} ({told} × {asked.seeds.first} seeds); give more, or a coarser grid"
        )
