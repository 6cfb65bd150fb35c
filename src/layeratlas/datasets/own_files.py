"""Files of the user's own: where they are, and what was found in them, remembered.

A file is looked through once, for its checksum and for what would spoil a training (NaN, lengths
that do not fit). What was found is kept in the user's cache folder under the file's place, size and
time, so planning reads a file of gigabytes once and not at every start. The data are not copied.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from layeratlas.bounded.documents import read_json
from layeratlas.bounded.files import MIB, open_regular
from layeratlas.errors import LayerAtlasError
from layeratlas.extending.places import base
from layeratlas.runs.places import cache_home
from layeratlas.temporaries import temporary_name
from layeratlas.words import named

_CHUNK = 4 * MIB

Stamp = tuple[tuple[str, int, int], ...]


def place_of(path: str) -> Path:
    """A path as an experiment writes it: `~` and `$NAME` replaced, else in the working folder."""
    return base() / os.path.expandvars(os.path.expanduser(path))  # noqa: PTH111  (never raises)


def shown(path: Path | str) -> str:
    """A path for a refusal."""
    return named(path, 70)


def stamp(files: Sequence[Path]) -> Stamp:
    """Place, time and size of each file; ValueError, a sentence, where one is not there."""
    found = []
    for file in files:
        try:
            stat = file.stat()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ValueError(f"{shown(file)} cannot be read: {reason}") from None
        found.append((str(file.resolve()), stat.st_mtime_ns, stat.st_size))
    return tuple(found)


def remembered(what: str, of: Stamp, find: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `find` found in files of this stamp, now or earlier; `what` names the question.

    Nothing is remembered where the user's cache cannot be written.
    """
    return _remembered(what, of, _Finder(find))


class _Finder:
    """A function that is equal to any other, so that `cache` does not tell them apart."""

    def __init__(self, find: Callable[[], dict[str, Any]]) -> None:
        self.find = find

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Finder)

    def __hash__(self) -> int:
        return 0


@cache
def _remembered(what: str, of: Stamp, finder: _Finder) -> dict[str, Any]:
    home = cache_home()
    key = hashlib.sha256(repr((what, of)).encode()).hexdigest()[:32]
    kept = None if home is None else home / "layeratlas" / "own_files" / f"{key}.json"
    if kept is not None:
        with suppress(LayerAtlasError):
            found = read_json(kept, MIB)
            if isinstance(found, dict) and found.get("what") == what:
                return found["found"]
    found = finder.find()
    if kept is not None:
        with suppress(OSError):
            kept.parent.mkdir(parents=True, exist_ok=True)
            temporary = temporary_name(kept)
            temporary.write_text(json.dumps({"what": what, "found": found}), "utf-8")
            temporary.replace(kept)
    return found


def digest(file: Path) -> str:
    """`sha256:<hex>` of a regular file's bytes. ValueError, a sentence, where it cannot be read."""
    state = hashlib.sha256()
    try:
        with open(open_regular(file), "rb") as stream:  # noqa: PTH123  (a descriptor)
            while block := stream.read(_CHUNK):
                state.update(block)
    except (OSError, LayerAtlasError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise ValueError(f"{shown(file)} {reason}") from None
    return f"sha256:{state.hexdigest()}"


def digest_of_all(parts: Sequence[tuple[str, str]]) -> str:
    """`sha256:<hex>` of several named digests, whatever their order."""
    text = "\n".join(f"{name} {value}" for name, value in sorted(parts))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
