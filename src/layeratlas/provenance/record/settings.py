"""What a job was asked to do, in a form that can be compared and shown.

Rules hand plans to their jobs as JSON text; here text that holds a JSON object is opened up.
The code fingerprint travels with the parameters but is no setting.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def plain_settings(value: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of a rule without `code`, JSON text opened. What is inside stays as it is."""
    return {key: _opened(item) for key, item in value.items() if key != "code"}


def _opened(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """{"plan.shared.training.epochs": 100, …}: one entry for each value that is no mapping."""
    if not isinstance(value, Mapping):
        return {prefix: value}
    found: dict[str, Any] = {}
    for key, item in value.items():
        found.update(flat(item, f"{prefix}.{key}" if prefix else str(key)))
    return found


def differing(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Settings that differ: {dotted name: (value in a, value in b)}; None where one has none."""
    left, right = flat(a), flat(b)
    return {
        name: (left.get(name), right.get(name))
        for name in sorted(left.keys() | right.keys())
        if name not in left or name not in right or left[name] != right[name]
    }
