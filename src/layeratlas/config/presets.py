"""Presets: what a file says for one size, after its own settings and those that it extends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from layeratlas.config.reading import Reader
from layeratlas.config.refusing import refuse_unknown
from layeratlas.errors import ConfigError
from layeratlas.kinds import KINDS

PRESETS = ("smoke", "laptop", "paper")
NAME = re.compile(r"[a-z][a-z0-9_]*")
#: Top-level keys of an experiment file, and those that a preset may change.
KEYS = frozenset({
    "extends", "template", "kind", "title", "summary", "paper", "seeds", "grid", "checkpoints",
    "measure", "shard_size", "presets", *(s for kind in KINDS.values() for s in kind.sections),
})  # fmt: skip
PRESET_KEYS = KEYS - {"extends", "template", "kind", "title", "summary", "paper", "presets"}


def extended(path: Path, read: Reader, seen: tuple[str, ...] = ()) -> dict[str, Any]:
    """What a file says, laid over what it extends; ConfigError where its keys are unknown."""
    data = dict(read(path))
    refuse_unknown(path, "", data, KEYS)
    for key, kind, what in (("template", bool, "true or false"), ("presets", dict, "a mapping"),
                            ("summary", str, "text"), ("paper", str, "text")):  # fmt: skip
        if data.get(key) is not None and not isinstance(data[key], kind):
            raise ConfigError(f"{path}: {key}: expected {what}, got {data[key]!r}")
    presets = data.get("presets") or {}
    refuse_unknown(path, "presets", presets, PRESETS)
    for preset, changes in presets.items():
        if not isinstance(changes, dict):
            raise ConfigError(f"{path}: presets.{preset}: expected a mapping, got {changes!r}")
        refuse_unknown(path, f"presets.{preset}", changes, PRESET_KEYS)
    parent = data.pop("extends", None)
    if parent is None:
        return data
    if not isinstance(parent, str) or not NAME.fullmatch(parent):
        raise ConfigError(f"{path}: extends: expected an experiment's name, got {parent!r}")
    if parent in (*seen, path.stem):
        raise ConfigError(f"{path}: extends: {parent!r} extends itself in a circle")
    above = path.with_name(f"{parent}.yaml")
    if not above.exists():
        raise ConfigError(f"{path}: extends: there is no experiment {parent!r} in {path.parent}")
    base = extended(above, read, (*seen, path.stem))
    base.pop("template", None)
    return overlay(base, data)


def preset_of(raw: Mapping[str, Any], preset: str) -> dict[str, Any]:
    """The settings of one preset, of an experiment as `extended` gives it."""
    changes = (raw.get("presets") or {}).get(preset) or {}
    return overlay({key: value for key, value in raw.items() if key != "presets"}, changes)


def overlay(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Deep merge: mappings merge, everything else is replaced. Neither argument is changed."""
    merged = dict(base)
    for key, value in changes.items():
        if isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = overlay(merged[key], value)
        else:
            merged[key] = value
    return merged
