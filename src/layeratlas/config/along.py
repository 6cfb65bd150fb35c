"""`along`: settings that follow the value of an axis, without a dimension of their own.

    grid: {depth: [10, 20]}
    along: {depth: {learning_rate: {10: 5.0e-3, 20: 4.0e-3}}}

A run at depth 10 learns at 5.0e-3, and the cube has a coordinate `learning_rate` along `depth`.
What follows is named as an axis would be, and each value of the axis needs one; further ones wait
for another preset, or for who extends the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from layeratlas.config.axes import Axis, axes
from layeratlas.config.free import is_free, plain_values
from layeratlas.config.leaves import with_setting
from layeratlas.config.refusing import known_names, plain, refuse_wrong_sort, refused_at
from layeratlas.errors import ConfigError
from layeratlas.kinds.base import Kind
from layeratlas.words import listed, quoted, suggestion

Along = Mapping[str, Mapping[str, Mapping[Any, Any]]]
"""Axis → setting → value of the axis → value of the setting."""


def refuse_misshapen_along(along: Any, where: str, key: str) -> None:
    """ConfigError for what is no mapping of mappings; null takes an inherited one away."""
    if not isinstance(along, Mapping):
        raise ConfigError(
            f"{where}: {key}: expected a mapping such as "
            f"{{depth: {{learning_rate: {{10: 5.0e-3}}}}}}, got {quoted(along)}"
        )
    for axis, settings in along.items():
        if settings is None:
            continue
        if not isinstance(settings, Mapping):
            raise ConfigError(
                f"{where}: {key}.{plain(axis)}: expected a mapping from setting to its values, got "
                f"{quoted(settings)}"
            )
        for name, values in settings.items():
            if values is not None and not (isinstance(values, Mapping) and values):
                raise ConfigError(
                    f"{where}: {key}.{plain(axis)}.{plain(name)}: expected a mapping from values "
                    f"of {plain(axis)} to values of {plain(name)}, got {quoted(values)}"
                )


def given_along(along: Along | None) -> Along:
    """What is not taken away by null."""
    kept = {
        axis: {name: values for name, values in settings.items() if values is not None}
        for axis, settings in (along or {}).items()
        if settings is not None
    }
    return {axis: settings for axis, settings in kept.items() if settings}


def names_along(along: Along) -> tuple[str, ...]:
    """Names of the settings that follow an axis."""
    return tuple(name for settings in along.values() for name in settings)


def followers(
    along: Along, kind: Kind, settings: Mapping[str, Any], grid: Mapping[str, Sequence[Any]]
) -> Iterator[tuple[str, Axis]]:
    """The axis that is followed and, as an axis would be, the setting that follows it."""
    known = axes(kind, settings, (*grid, *names_along(along)))
    for axis, follow in along.items():
        for name in follow:
            yield axis, known[name]


def refuse_wrong_along(
    along: Along,
    kind: Kind,
    settings: Mapping[str, Any],
    grid: Mapping[str, Sequence[Any]],
    where: str,
) -> None:
    """ConfigError for an axis that the grid has not, and for a setting that is set twice or none.

    Its values are not looked at.
    """
    known = axes(kind, settings, (*grid, *names_along(along)))
    taken = {path: f"the axis {axis!r}" for axis in grid for path in known[axis].paths}
    for axis, follow in along.items():
        if axis not in grid:
            raise ConfigError(
                f"{where}: along.{plain(axis)}: the grid has no such axis; "
                f"{suggestion(axis, grid)}it has {listed(grid, 110)}"
            )
        for name in follow:
            spot = f"along.{plain(axis)}.{plain(name)}"
            setting = setting_along(name, known, where, spot)
            for path in setting.paths:
                if path in taken:
                    raise ConfigError(
                        f"{where}: {spot}: {'.'.join(path)} is set by {taken[path]}; keep one"
                    )
                taken[path] = f"along.{axis}.{name}"


def refuse_wrong_values(
    along: Along, kind: Kind, settings: Mapping[str, Any], where: str, key: str = "along"
) -> None:
    """ConfigError for a value that is wrong by itself, whatever stands beside it."""
    known = axes(kind, settings, names_along(along))
    for axis, follow in along.items():
        for name, values in follow.items():
            setting = setting_along(name, known, where, f"{key}.{axis}.{name}")
            for at, value in values.items():
                spot = f"{key}.{axis}.{name}.{plain(at)}"
                refuse_wrong_sort(spot, value, setting.text, where)
                for path in setting.paths:
                    try:
                        kind.settings.model_validate(
                            with_setting(settings, path, value), strict=True
                        )
                    except ValidationError as error:
                        refusal = refused_at(error, kind.settings, path, where, spot, value)
                        if refusal:
                            raise refusal from None


def setting_along(name: str, known: Mapping[str, Axis], where: str, spot: str) -> Axis:
    """The setting of that name; ConfigError where there is none that could be an axis."""
    if name in known:
        return known[name]
    raise ConfigError(
        f"{where}: {spot}: unknown setting; {suggestion(name, known)}{known_names(known)}"
    )


def refuse_missing_along(along: Along, grid: Mapping[str, Sequence[Any]], where: str) -> None:
    """ConfigError for a value of an axis for which a setting along it has none."""
    for axis, follow in along.items():
        for name, values in follow.items():
            if missing := [value for value in grid[axis] if value not in values]:
                told = listed((f"{plain(value)}" for value in missing), 60)
                raise ConfigError(
                    f"{where}: along.{axis}.{name}: none is given for {axis} {told}; give one for "
                    "each value of the axis"
                )


def plain_along(along: Along, kind: Kind, settings: Mapping[str, Any], where: str) -> Along:
    """Free settings as their coordinate has them: whole numbers among others are such."""
    known = axes(kind, settings, names_along(along))
    found: dict[str, dict[str, Mapping[Any, Any]]] = {}
    for axis, follow in along.items():
        found[axis] = dict(follow)
        for name, values in follow.items():
            if is_free(kind, known[name].paths[0]):
                each = plain_values(list(values.values()), where, f"along.{axis}.{name}")
                found[axis][name] = dict(zip(values, each, strict=True))
    return found


def coordinates_along(
    along: Along, kind: Kind, settings: Mapping[str, Any], grid: Mapping[str, Sequence[Any]]
) -> dict[str, tuple[str, Axis, tuple[Any, ...]]]:
    """Of each setting along an axis: the axis, what it is, and its values, in the axis' order."""
    return {
        setting.name: (
            axis,
            setting,
            tuple(along[axis][setting.name][value] for value in grid[axis]),
        )
        for axis, setting in followers(along, kind, settings, grid)
    }
