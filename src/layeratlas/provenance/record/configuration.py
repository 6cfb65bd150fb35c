"""A rule's parameters as a configuration: plain JSON and its hash."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from typing import Any

from layeratlas.bounded.seals import canonical_text
from layeratlas.provenance.record.schema import Configuration
from layeratlas.provenance.record.settings import plain_settings


def configuration(params: Mapping[str, Any]) -> Configuration:
    """JSON text in `params` is opened, the code fingerprint left out (it is no setting).

    `hash` is `configuration_hash` of `value`.
    """
    value = _plain(plain_settings(params))
    return Configuration(hash=configuration_hash(value), value=value)


def configuration_hash(value: Mapping[str, Any]) -> str:
    """sha256, in hexadecimal, of the canonical JSON of a configuration's `value`."""
    return hashlib.sha256(canonical_text(value).encode()).hexdigest()


def seeds_of(value: Any) -> tuple[int, ...]:
    """Every seed that a configuration names: `seed`, `seeds`, `…_seed`, at any depth."""
    return tuple(sorted(set(_seeds(value))))


def _seeds(value: Any) -> Iterator[int]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key in ("seed", "seeds") or key.endswith("_seed"):
                for seed in item if isinstance(item, list) else [item]:
                    if isinstance(seed, int | float) and not isinstance(seed, bool):
                        yield int(seed)
            else:
                yield from _seeds(item)
    elif isinstance(value, list):
        for item in value:
            yield from _seeds(item)


def _plain(value: Any) -> Any:
    """What JSON cannot hold becomes text: a record must not fail for an odd parameter."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [_plain(item) for item in items]
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return str(value)
