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
from pathlib import Path
from typing import Any, BinaryIO

from layeratlas.bounded.documents import read_json
from layeratlas.bounded.files import MIB, file_digest, open_regular
from layeratlas.errors import LayerAtlasError, UnreadableError
from layeratlas.extending.places import base
from layeratlas.runs.places import cache_home
from layeratlas.temporaries import temporary_name
from layeratlas.words import named

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


def opened(file: Path) -> BinaryIO:
    """A regular file, open for reading. ValueError, a sentence, where it is none."""
    try:
        return open(open_regular(file), "rb")  # noqa: PTH123  (a descriptor; the caller's)
    except UnreadableError as error:
        raise ValueError(f"{shown(file)} {error.reason}") from None


def remembered(what: str, of: Stamp, find: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `find` found in files of this stamp, now or earlier; `what` names the question.

    Nothing outlives the process where the user's cache cannot be written.
    """
    if (what, of) not in _FOUND:
        _FOUND[what, of] = _kept(what, of, find)
    return _FOUND[what, of]


_FOUND: dict[tuple[str, Stamp], dict[str, Any]] = {}


def _kept(what: str, of: Stamp, find: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What an earlier process kept in the cache folder; else what `find` finds, kept there."""
    home = cache_home()
    if home is None:
        return find()
    key = hashlib.sha256(repr((what, of)).encode()).hexdigest()[:32]
    kept = home / "layeratlas" / "own_files" / f"{key}.json"
    with suppress(LayerAtlasError):
        document = read_json(kept, MIB)
        if isinstance(document, dict) and document.get("what") == what:
            return document["found"]
    found = find()
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        temporary = temporary_name(kept)
        temporary.write_text(json.dumps({"what": what, "found": found}), "utf-8")
        temporary.replace(kept)
    return found


def digest(file: Path) -> str:
    """`sha256:<hex>` of a regular file's bytes. ValueError, a sentence, where it cannot be read."""
    try:
        return f"sha256:{file_digest(file)}"
    except UnreadableError as error:
        raise ValueError(f"{shown(file)} {error.reason}") from None


def digest_of_all(parts: Sequence[tuple[str, str]]) -> str:
    """`sha256:<hex>` of several named digests, whatever their order."""
    text = "\n".join(f"{name} {value}" for name, value in sorted(parts))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
