"""Values that other parts replace everywhere, so that no run has them; wrong ones all the same.

A section that each preset replaces, or a file that extends, is never put together with the rest. It
is a mistake that waits: each such value is looked at beside the settings that do come together, by
its own type alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from layeratlas.config.along import given_along, refuse_wrong_values
from layeratlas.config.axes import axes, axis_of
from layeratlas.config.free import is_free
from layeratlas.config.grid import asked_values
from layeratlas.config.leaves import Path as Place
from layeratlas.config.leaves import alternatives, leaves, tag_of, with_setting
from layeratlas.config.measuring import typed
from layeratlas.config.presets import Layer, layers_of, merged
from layeratlas.config.reading import Reader
from layeratlas.config.refusing import known_names, named, refused_at
from layeratlas.config.shapes import parts_of, refuse_foreign
from layeratlas.errors import ConfigError
from layeratlas.kinds import KINDS, Kind
from layeratlas.words import suggestion


def refuse_wrong_template(path: Path, read: Reader) -> None:
    """ConfigError for a value of a template that is wrong in whatever extends it."""
    layers = layers_of(path, read)
    raw = merged(layers)
    kind = KINDS[raw.get("kind", "training")]
    refuse_foreign(raw, kind, named(path))
    refuse_unseen(layers[:1], (), kind)


def refuse_unseen(
    layers: Sequence[Layer], resolved: Sequence[Mapping[str, Any]], kind: Kind
) -> None:
    """ConfigError for a value that none of the `resolved` settings has, and none may have."""
    beside = {key: value for key, value in (resolved[-1] if resolved else {}).items()
              if key in kind.sections}  # fmt: skip
    for path, data in layers:
        where = named(path)
        for prefix, part in parts_of(data):
            for key, section in part.items():
                if key == "measure":
                    if not any(_holds(each.get(key), section) for each in resolved):
                        typed(section, where, f"{prefix}{key}")
                elif key == "grid" and kind.has_grid:
                    _refuse_unseen_axes(section, resolved, beside, kind, where, f"{prefix}grid")
                elif key == "along" and kind.has_grid:
                    refuse_wrong_values(given_along(section), kind, beside, where, f"{prefix}{key}")
                elif key in kind.sections:
                    for place, value in _plain(section, (key,)):
                        # Under an axis `family` or `order` no run has the fixed one.
                        seen = any(_same(_at(each, place), value) for each in resolved)
                        if not seen or tag_of(kind.settings, place):
                            spot = f"{prefix}{'.'.join(place)}"
                            _refuse_wrong(beside, kind, place, value, where, spot)


def _refuse_unseen_axes(
    grid: Mapping[str, Any],
    resolved: Sequence[Mapping[str, Any]],
    beside: Mapping[str, Any],
    kind: Kind,
    where: str,
    key: str,
) -> None:
    for axis, values in grid.items():
        seen = (each.get("grid", {}).get(axis) for each in resolved)
        if values is None or any(_same(other, values) for other in seen):
            continue
        if (
            isinstance(values, dict) and resolved
        ):  # a part of evenly spaced ones, merged into others
            continue
        for listed in asked_values({axis: values}, kind, beside, where, key).values():
            for i, value in enumerate(listed):
                for place in axis_of(kind, axis, beside).paths:
                    _refuse_wrong(beside, kind, place, value, where, f"{key}.{axis}[{i}]")


def _refuse_wrong(
    beside: Mapping[str, Any], kind: Kind, place: Place, value: Any, where: str, key: str
) -> None:
    """ConfigError where a value is wrong at its place, whatever stands beside it."""
    for own in axes(kind)[place[-1]].paths if place in kind.shorthands else (place,):
        if own in kind.internal or not _is_setting(kind, own):
            section = [p for p in leaves(kind.settings) if p[:-1] == own[:-1]]
            known = [p[-1] for p in section if p not in kind.internal]
            raise ConfigError(
                f"{where}: {key}: unknown key; {suggestion(own[-1], known)}"
                f"{known_names(sorted(known))}"
            )
        try:
            kind.settings.model_validate(with_setting(beside, own, value), strict=True)
        except ValidationError as error:
            if refusal := refused_at(error, kind.settings, own, where, key, value):
                raise refusal from None


def _is_setting(kind: Kind, place: Place) -> bool:
    """Whether some run of this kind has a setting there, plain or a group of others."""
    if is_free(kind, place):
        return True
    models: list[type[BaseModel]] = [kind.settings]
    for part in place:
        fields = [model.model_fields[part] for model in models if part in model.model_fields]
        if not fields:
            return False
        models = [m for field in fields for m in alternatives(field.annotation).values()]
    return True


def _plain(value: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    """The values that a part gives, with their places."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _plain(inner, (*place, name))
    elif not isinstance(value, Mapping):
        yield place, value


def _at(settings: Any, place: Place) -> Any:
    for part in place:
        if not isinstance(settings, Mapping) or part not in settings:
            return _at  # what no file holds
        settings = settings[part]
    return settings


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other


def _holds(whole: Any, part: Mapping[str, Any]) -> bool:
    return isinstance(whole, Mapping) and all(
        key in whole and _same(whole[key], value) for key, value in part.items()
    )
