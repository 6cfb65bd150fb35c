"""A run's settings taken apart, into what its shard shares and what members vary, and put together.

`members` are the settings that may differ inside a shard, name → path (see `layeratlas.kinds`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Members = Mapping[str, tuple[str, ...]]


def shared_settings(settings: Mapping[str, Any], members: Members) -> dict[str, Any]:
    """The settings without those of members."""
    shared = dict(settings)
    for path in members.values():
        if has(shared, path):
            shared = _without(shared, path)
    # What the member settings empty out is no part of the architecture either.
    return {key: value for key, value in shared.items() if value != {}}


def together(
    shared: Mapping[str, Any], values: Mapping[str, Any], members: Members
) -> dict[str, Any]:
    """A run's settings: `shared` with its own `values` of members, by name, at their paths.

    ValueError where a path leads through what is no section. KeyError for another name.
    """
    settings = dict(shared)
    for name, value in values.items():
        settings = _with(settings, members[name], value)
    return settings


def has(settings: Mapping[str, Any], path: Iterable[str]) -> bool:
    """Whether there is a setting at a path."""
    for part in path:
        if part not in settings:
            return False
        settings = settings[part]
    return True


def at(settings: Mapping[str, Any], path: Iterable[str]) -> Any:
    """The setting at a path."""
    for part in path:
        settings = settings[part]
    return settings


def _without(settings: Mapping[str, Any], path: Sequence[str]) -> dict[str, Any]:
    """A copy without one setting, which shares all that it does not change."""
    name, *rest = path
    if rest:
        return {**settings, name: _without(settings[name], rest)}
    return {key: value for key, value in settings.items() if key != name}


def _with(settings: Any, path: Sequence[str], value: Any) -> dict[str, Any]:
    """A copy with one setting, likewise; sections that it was alone in are made."""
    if not isinstance(settings, Mapping):
        raise ValueError(f"{path[0]!r} is no setting of a section")
    name, *rest = path
    return {**settings, name: _with(settings.get(name, {}), rest, value) if rest else value}
