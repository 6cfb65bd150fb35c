"""Plain JSON values and their one canonical spelling: the ground of both hashes and manifests."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from layeratlas.errors import StoreError
from layeratlas.words import quoted, shortened

# CF decoding gives these attributes a meaning of its own when a file is read (masking, scaling,
# moving variables to coordinates), so data that carries them would not come back as it went in.
RESERVED_ATTRIBUTES = frozenset(
    {
        "_ARRAY_DIMENSIONS",
        "_FillValue",
        "_Unsigned",
        "add_offset",
        "coordinates",
        "missing_value",
        "scale_factor",
    }
)


INTEGERS = range(-(2**63), 2**64)
_DEEPEST = 48  # of 64 that are read, wherever in a document the value stands


def plain(value: Any, where: str, depth: int = 0) -> Any:
    """`value` as plain JSON types; NumPy scalars and arrays become numbers and lists.

    `where` names the value in the StoreError raised for what JSON cannot hold: NaN, infinities,
    byte strings, text that is not valid Unicode, and arbitrary objects; and for what would not be
    read again: integers beyond 64 bits, lists in lists in lists of more than 48 levels.
    """
    if depth > _DEEPEST:
        raise StoreError(f"{shortened(where, 200)} is nested deeper than {_DEEPEST} levels.")
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if value not in INTEGERS:
            raise StoreError(
                f"{where} is {quoted(value, 40)}, which 64 bits do not hold: say it as text."
            )
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise StoreError(
                f"{where} is {value}, which JSON cannot hold: leave it out, or say it in words."
            )
        return float(value)
    if isinstance(value, str):
        return text(value, where)
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise StoreError(f"{where} has the key {key!r}: use strings as keys.")
        return {
            text(key, where): plain(item, f"{where}[{key!r}]", depth + 1)
            for key, item in sorted(value.items())
        }
    if isinstance(value, list | tuple):
        return [plain(item, f"{where}[{i}]", depth + 1) for i, item in enumerate(value)]
    raise StoreError(
        f"{where} is a {type(value).__name__}: use text, a number, a boolean, or lists of these."
    )


def text(value: str, where: str) -> str:
    """`value` as a plain str, refused when UTF-8 cannot spell it (lone surrogates)."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise StoreError(f"{where} is not valid Unicode text ({error.reason}).") from None
    return str(value)


def plain_attributes(attributes: Mapping[Any, Any], owner: str) -> dict[str, Any]:
    """Attributes of `owner` as sorted plain JSON values; reserved CF names are refused."""
    for name in attributes:
        if name in RESERVED_ATTRIBUTES:
            raise StoreError(
                f"attribute {name!r} of {owner} is reserved for CF encoding and would change the "
                "data on reading: remove it, or give it another name."
            )
    try:
        return plain(attributes, f"attributes of {owner}")
    except TypeError:  # keys of mixed types cannot be sorted
        raise StoreError(f"attributes of {owner}: use strings as names.") from None


def canonical_json(value: Any) -> bytes:
    """The one spelling of a plain JSON value: sorted keys, no spaces, UTF-8, shortest floats."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def readable_json(value: Any) -> bytes:
    """As deterministic as `canonical_json`, indented for the people who open the file."""
    return (
        json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    ).encode()
