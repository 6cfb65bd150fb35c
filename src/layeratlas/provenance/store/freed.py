"""Notes of archives that were given up on purpose: `store/freed/<time>.json`, one each time.

A file of its own each time, so that what was given up on a laptop and on a cluster is known on
both when they are copied into each other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from layeratlas.bounded.documents import read_json
from layeratlas.bounded.files import MIB
from layeratlas.bounded.seals import SEAL, check_seal, sealed
from layeratlas.errors import StoreError, UnreadableError
from layeratlas.provenance.record.stamps import dated, user_and_host
from layeratlas.storage import write_json_atomic
from layeratlas.storage.atomic import store_errors
from layeratlas.words import named, quoted

FREED = Path("store") / "freed"
_KEYS = {"freed", "by", "archives"}


def freed(root: Path) -> dict[str, str]:
    """{path: digest} of the archives that were given up in a project, whether or not they are there
    again. StoreError where a note of it cannot be read."""
    found: dict[str, str] = {}
    for path in sorted((root / FREED).glob("*.json")):
        try:
            found |= _read(path)[0]
        except UnreadableError as error:
            raise StoreError(f"{named(path)} {error.reason}: mend or remove it.") from error
    return found


def check_freed(path: Path, project: Path) -> bool:
    """Whether a note has a seal; UnreadableError where it is not what was written."""
    return _read(path)[1]


def _read(path: Path) -> tuple[dict[str, str], bool]:
    document = read_json(path, 64 * MIB)
    has_seal = check_seal(document, path)
    if document.keys() - {SEAL} != _KEYS or not isinstance(document["archives"], dict):
        raise UnreadableError(path, "is no note of archives that were given up")
    for name, digest in document["archives"].items():
        if not isinstance(digest, str) or not re.fullmatch("[0-9a-f]{64}", digest):
            raise UnreadableError(path, f"tells no sha256 of {quoted(name, 80)}")
    return document["archives"], has_seal


def note_freed(root: Path, given: Mapping[str, str]) -> Path:
    """Leave a note in a project: {path: digest} of archives that are about to go."""
    now = datetime.now(UTC)
    path = root / FREED / f"{dated(now)}.json"
    note = {
        "freed": now.isoformat(timespec="seconds"),
        "by": user_and_host(),
        "archives": dict(given),
    }
    with store_errors(path):
        write_json_atomic(path, sealed(note))
    return path
