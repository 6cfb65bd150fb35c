"""A run: one point of a grid, and its identity."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from layeratlas.runs.names import former
from layeratlas.runs.records import Moment

# One for all: runs come by the ten thousand, and each has its settings hashed.
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical_json(value: Any) -> str:
    """One text a value: sorted keys, no spaces; NaN is refused."""
    return _CANONICAL.encode(value)


def short_hash(value: Any) -> str:
    """16 hex digits of the SHA-256 of a value's canonical JSON."""
    return hash_of_text(canonical_json(value))


def hash_of_text(text: str) -> str:
    """16 hex digits of the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def identified(settings: Mapping[str, Any]) -> str:
    """The text of a run's settings that its id is the hash of (`layeratlas.runs.names`)."""
    return canonical_json(former(settings))


def run_id(settings: Mapping[str, Any]) -> str:
    """The id of a run with these settings, all of them."""
    return hash_of_text(identified(settings))


@dataclass(frozen=True)
class Run:
    """One point of the grid: coordinates, resolved settings (plain JSON), id, moments kept."""

    id: str
    coordinates: Mapping[str, Any]
    settings: Mapping[str, Any]
    checkpoints: tuple[Moment, ...]
