"""The grid of an experiment: its axes, their values, and every point checked."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from layeratlas.config.along import Along, followers
from layeratlas.config.axes import POINT, Axis, axes
from layeratlas.config.free import is_free, plain_values
from layeratlas.config.leaves import groups
from layeratlas.config.placing import Placement
from layeratlas.config.refusing import known_names, plain, refuse_wrong_sort, refused_in_grid
from layeratlas.config.spacing import spaced
from layeratlas.errors import ConfigError
from layeratlas.kinds.base import Kind
from layeratlas.words import listed, quoted, suggestion

Values = dict[str, list[Any]]

MOST_RUNS = 100_000
"""Points times seeds of a grid, at most: some ten seconds of planning."""


def asked_values(
    grid: Any, kind: Kind, settings: Mapping[str, Any], where: str, key: str = "grid"
) -> Values:
    """Axes of a file and the values they are given, evenly spaced ones spelled out.

    `settings` are those beside the grid, some of which may be free (`axes`).
    ConfigError for what is no axis or no list, and for two axes that vary the same setting.
    """
    if not isinstance(grid, dict):
        raise ConfigError(
            f"{where}: {key}: expected a mapping from axis to values, got {quoted(grid)}"
        )
    every = axes(kind, settings, grid)
    found = {}
    taken: dict[tuple[str, ...], str] = {}
    for axis, values in grid.items():
        if values is None:
            continue
        known = _known(axis, every, kind, where, key)
        if isinstance(values, dict):
            values = spaced(values, f"{where}: {key}.{axis}")
        if not isinstance(values, list) or not values:
            raise ConfigError(
                f"{where}: {key}.{axis}: expected a list of at least one value, got "
                f"{quoted(values)}"
            )
        for path in known.paths:
            if path in taken:
                raise ConfigError(
                    f"{where}: {key}: axes {taken[path]!r} and {axis!r} both set "
                    f"{'.'.join(path)}; keep one"
                )
            taken[path] = axis
        found[axis] = values
    if not found:
        raise ConfigError(f"{where}: {key}: empty; give at least one axis with values")
    return found


def varied_by(
    grid: Collection[str], kind: Kind, settings: Mapping[str, Any], along: Along | None = None
) -> tuple[tuple[str, ...], ...]:
    """Paths of the settings that these axes set, and of those that follow them."""
    known = axes(kind, settings, grid)
    follow = followers(along or {}, kind, settings, dict.fromkeys(grid, ()))
    every = [*(known[axis] for axis in grid), *(setting for _, setting in follow)]
    return tuple(path for axis in every for path in axis.paths)


def typed_values(
    asked: Values,
    kind: Kind,
    settings: Mapping[str, Any],
    where: str,
    along: Along | None = None,
) -> dict[str, tuple[Any, ...]]:
    """The values as their settings type them: 1 of a number is 1.0.

    ConfigError for a value that is wrong, beside the fixed settings and beside the first values
    of the other axes, and for one that appears twice.
    """
    placement = Placement(kind, settings, asked, along)
    known = axes(kind, settings, asked)
    result = {}
    for axis, values in asked.items():
        typed: dict[Any, None] = {}
        shown: dict[str, tuple[int, float | str]] = {}
        others = {other: given[0] for other, given in asked.items() if other != axis}
        if is_free(kind, known[axis].paths[0]):
            values = list(plain_values(values, where, f"grid.{axis}"))
        for i, value in enumerate(values):
            spot = f"grid.{axis}[{i}]"
            refuse_wrong_sort(spot, value, known[axis].text, where)
            try:
                run = _run(kind, placement, {axis: value})
            except ValidationError as error:
                # Wrong beside the fixed settings may be right beside the other axes' values.
                try:
                    run = _run(kind, placement, {**others, axis: value})
                except ValidationError:
                    raise refused_in_grid(
                        error, kind.settings, known[axis].paths, where, spot, value
                    ) from None
            new = _value_at(run, known[axis].paths[0], value)
            if new in typed:
                raise ConfigError(
                    f"{where}: {spot}: the value {quoted(new)} appears twice; keep one"
                )
            if isinstance(new, float | str):
                _refuse_same_label(shown, spot, i, new, where)
            typed[new] = None
        result[axis] = tuple(typed)
    return result


def _refuse_same_label(
    shown: dict[str, tuple[int, float | str]], spot: str, i: int, value: float | str, where: str
) -> None:
    """Six digits tell numbers of an axis apart, in figures as in a cube's `.sel`."""
    label = f"{value:.6g}" if isinstance(value, float) else "".join(value.split())
    if label in shown:
        j, other = shown[label]
        raise ConfigError(
            f"{where}: {spot}: {quoted(value)} is shown as {plain(label)}, like value [{j}], "
            f"{quoted(other)}; keep one, or values that differ in their first six digits"
        )
    shown[label] = (i, value)


def refuse_too_many(grid: Mapping[str, Sequence[Any]], seeds: int, where: str) -> int:
    """The number of runs of a grid; ConfigError, before any is made, for more than `MOST_RUNS`."""
    number = math.prod(len(values) for values in grid.values()) * seeds
    if number > MOST_RUNS:
        parts = [*(f"{len(values)} {axis}" for axis, values in grid.items()), f"{seeds} seeds"]
        raise ConfigError(
            f"{where}: grid: {number} runs ({listed(parts, 120)}); an experiment has at most "
            f"{MOST_RUNS}"
        )
    return number


def points(grid: Mapping[str, tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    """Every point, axis → value; the last axis varies fastest."""
    for values in itertools.product(*grid.values()):
        yield dict(zip(grid, values, strict=True))


def typed_along(
    along: Along, kind: Kind, settings: Mapping[str, Any], grid: Mapping[str, tuple[Any, ...]]
) -> dict[str, dict[str, dict[Any, Any]]]:
    """What follows the axes of a checked grid, a value for each of theirs, as settings type it."""
    placement = Placement(kind, settings, grid, along)
    first = {axis: values[0] for axis, values in grid.items()}
    found: dict[str, dict[str, dict[Any, Any]]] = {}
    for axis, setting in followers(along, kind, settings, grid):
        runs = {value: _run(kind, placement, {**first, axis: value}) for value in grid[axis]}
        found.setdefault(axis, {})[setting.name] = {
            value: _value_at(run, setting.paths[0], along[axis][setting.name][value])
            for value, run in runs.items()
        }
    return found


def runs_of(
    grid: Mapping[str, tuple[Any, ...]],
    kind: Kind,
    settings: Mapping[str, Any],
    where: str,
    along: Along | None = None,
) -> Iterator[BaseModel]:
    """The settings of the run at every point; ConfigError where values are wrong together.

    Values that are right alone can be: a batch larger than a small training set.
    """
    placement = Placement(kind, settings, grid, along)
    varied = varied_by(grid, kind, settings, along)
    for point in points(grid):
        try:
            yield _run(kind, placement, point)
        except ValidationError as error:
            named = listed(f"{axis}={quoted(value, 30)}" for axis, value in point.items())
            raise refused_in_grid(error, kind.settings, varied, where, f"grid at {named}") from None


def _known(axis: Any, known: Mapping[str, Axis], kind: Kind, where: str, key: str) -> Axis:
    if axis == POINT:
        raise ConfigError(f"{where}: {key}.{POINT}: no axis of a file; `refine` makes it")
    if axis in known:
        return known[axis]
    if axis == "seed":
        raise ConfigError(f"{where}: {key}.seed: seeds have a key of their own, `seeds`")
    inside = [group for group in groups(kind.settings) if group[-1] == axis]
    if inside or axis in kind.sections:
        prefix = inside[0] if inside else (axis,)
        own = [
            name
            for name, other in known.items()
            if any(path[: len(prefix)] == prefix for path in other.paths)
        ]
        raise ConfigError(
            f"{where}: {key}.{axis}: a group of settings is no axis; its own are: "
            f"{listed(own, 110)}"
        )
    # Someone who writes a setting's path, or its last name, means the axis that varies it.
    meant = [
        name
        for name, other in known.items()
        if any(axis in (".".join(path), path[-1]) for path in other.paths)
    ]
    near = f"did you mean {meant[-1]!r}? " if meant else suggestion(axis, known)
    raise ConfigError(f"{where}: {key}.{plain(axis)}: unknown axis; {near}{known_names(known)}")


def _run(kind: Kind, placement: Placement, point: Mapping[str, Any]) -> BaseModel:
    return kind.settings.model_validate(placement.at(point), strict=True)


def _value_at(run: BaseModel, path: tuple[str, ...], given: Any) -> Any:
    """The value as its setting types it; as given where a free one is left out at its default."""
    value: Any = run
    for part in path:
        if isinstance(value, Mapping) and part not in value:
            return given
        value = value[part] if isinstance(value, Mapping) else getattr(value, part)
    return value
