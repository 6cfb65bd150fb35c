"""JSON of somebody else: parsed, and found to be of a size and shape that everything can hold."""

from __future__ import annotations

import json
import os
from typing import Any, NoReturn

from layeratlas.bounded.files import MIB, read_bytes
from layeratlas.errors import UnreadableError
from layeratlas.words import quoted

MOST_BYTES = 64 * MIB
DEEPEST = 64
MOST_ITEMS = 4_000_000
_INTEGERS = range(-(2**63), 2**64)


def read_json(path: str | os.PathLike[str], most: int = MOST_BYTES) -> Any:
    """The document in a file of at most `most` bytes; else as `parse_json`."""
    return parse_json(read_bytes(path, most), path)


def parse_json(content: bytes | str, path: str | os.PathLike[str]) -> Any:
    """The document in `content`, which came from `path`.

    UnreadableError where it is no JSON, is nested deeper than `DEEPEST`, has more than `MOST_ITEMS`
    values, or holds a number that 64 bits do not: NaN, infinity, an integer beyond them; or text
    that is not Unicode.
    """
    commas, colons = (b",", b":") if isinstance(content, bytes) else (",", ":")
    # An upper bound, and cheaper than parsing what would then be refused.
    if content.count(commas) + content.count(colons) > MOST_ITEMS:  # type: ignore[arg-type]
        raise UnreadableError(path, f"holds more than {MOST_ITEMS} values")
    try:
        if isinstance(content, bytes):
            content = content.decode(json.detect_encoding(content))
        document = _DECODER.decode(content)
    except RecursionError:
        raise UnreadableError(path, f"is nested deeper than {DEEPEST} levels") from None
    except ValueError as error:  # UnicodeDecodeError among them
        raise UnreadableError(path, f"is not whole JSON ({error})") from None
    if reason := _unfit(document):
        raise UnreadableError(path, reason)
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


# Made once: json.loads makes one at every call that says what a constant is.
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _unfit(document: Any) -> str | None:
    """Why a parsed document is refused; level by level, so that no depth ends the walk itself."""
    level = [document]
    for _ in range(DEEPEST + 1):
        below: list[Any] = []
        for value in level:
            kind = type(value)
            if kind is str:
                if not value.isascii() and not _is_unicode(value):
                    return "holds text that is not Unicode"
            elif kind is dict:
                for key in value:
                    if not key.isascii() and not _is_unicode(key):
                        return "holds text that is not Unicode"
                below.extend(value.values())
            elif kind is list:
                below.extend(value)
            elif kind is int:
                if value not in _INTEGERS:
                    return f"holds the integer {quoted(value, 40)}, which 64 bits do not"
            elif kind is float and value - value != 0.0:
                return "holds a number that is too large"
        if not below:
            return None
        level = below
    return f"is nested deeper than {DEEPEST} levels"


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
