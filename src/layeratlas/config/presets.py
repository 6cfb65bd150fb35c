"""Presets: what a file says for one size, after its own settings and those that it extends."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from layeratlas.config.reading import Reader
from layeratlas.config.refusing import named
from layeratlas.config.shapes import refuse_misshapen
from layeratlas.errors import ConfigError
from layeratlas.words import quoted

NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
LONGEST_CHAIN = 20

# What one file says, with its path.
Layer = tuple[Path, dict[str, Any]]


def layers_of(path: Path, read: Reader) -> list[Layer]:
    """A file, what it extends, and so on; each as it is written, and found to be in shape."""
    layers: list[Layer] = []
    while True:
        data, where = read(path), named(path)
        refuse_misshapen(data, where)
        layers.append((path, data))
        parent = data.get("extends")
        if parent is None:
            return layers
        if not isinstance(parent, str) or not NAME.fullmatch(parent):
            raise ConfigError(
                f"{where}: extends: expected an experiment's name, got {quoted(parent)}"
            )
        if any(parent == earlier.stem for earlier, _ in layers):
            raise ConfigError(f"{where}: extends: {parent!r} extends itself in a circle")
        if len(layers) == LONGEST_CHAIN:
            raise ConfigError(
                f"{where}: extends: at most {LONGEST_CHAIN} files extend one another; extend an "
                f"earlier one than {parent!r}"
            )
        above = path.with_name(f"{parent}.yaml")
        if not above.exists():
            raise ConfigError(
                f"{where}: extends: there is no experiment {parent!r} in {named(path.parent)}"
            )
        path = above


def merged(layers: Sequence[Layer]) -> dict[str, Any]:
    """What a file says, laid over what it extends; of a template's parts, that it is one is not."""
    found: dict[str, Any] = {}
    for _, data in reversed(layers):
        found.pop("template", None)
        found = overlay(_without_replaced(found, data), data)
    found.pop("extends", None)
    return found


def preset_of(raw: Mapping[str, Any], preset: str) -> dict[str, Any]:
    """The settings of one preset, of an experiment as `merged` gives it."""
    changes = (raw.get("presets") or {}).get(preset) or {}
    base = {key: value for key, value in raw.items() if key != "presets"}
    return overlay(_without_replaced(base, changes), changes)


def _without_replaced(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The base without what the changes say in another way.

    Records and checkpoints, either of which says what runs keep; and in `measure` the views, or the
    modes of batch norm and the images of a step.
    """
    kept = _without_others(base, changes, {"records": {"checkpoints"}, "checkpoints": {"records"}})
    measure, change = kept.get("measure"), changes.get("measure")
    if isinstance(measure, Mapping) and isinstance(change, Mapping):
        short = ("batch_norm_modes", "step_images")
        others = {"views": set(short), **{key: {"views"} for key in short}}
        kept["measure"] = _without_others(measure, change, others)
    return kept


def _without_others(
    base: Mapping[str, Any], changes: Mapping[str, Any], others: Mapping[str, set[str]]
) -> dict[str, Any]:
    gone = set().union(*(other for key, other in others.items() if key in changes))
    return {key: value for key, value in base.items() if key not in gone}


def overlay(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Deep merge: mappings merge, everything else is replaced. Neither argument is changed."""
    merged = dict(base)
    for key, value in changes.items():
        if isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = overlay(merged[key], value)
        else:
            merged[key] = value
    return merged
