"""The note of archives that were given up on purpose: `store/freed.json`, path → digest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from layeratlas.bounded.documents import read_json
from layeratlas.bounded.files import MIB
from layeratlas.bounded.seals import SEAL, check_seal, sealed
from layeratlas.errors import StoreError, UnreadableError
from layeratlas.storage import write_json_atomic
from layeratlas.storage.atomic import folder_lock, store_errors
from layeratlas.words import named, quoted

FREED = Path("store") / "freed.json"


def freed(root: Path) -> dict[str, str]:
    """{path: digest} of the archives that were given up in a project, whether or not they are there
    again. StoreError where the note of it cannot be read."""
    path = root / FREED
    try:
        return _read(path)[0]
    except UnreadableError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return {}
        raise StoreError(f"{named(path)} {error.reason}: mend or remove it.") from error


def check_freed(path: Path, project: Path) -> bool:
    """Whether the note has a seal; UnreadableError where it is not what was written."""
    return _read(path)[1]


def _read(path: Path) -> tuple[dict[str, str], bool]:
    found = read_json(path, 64 * MIB)
    has_seal = check_seal(found, path)
    found.pop(SEAL, None)
    for name, digest in found.items():
        if not isinstance(digest, str) or not re.fullmatch("[0-9a-f]{64}", digest):
            raise UnreadableError(path, f"tells no sha256 of {quoted(name, 80)}")
    return found, has_seal


def note_freed(root: Path, given: Mapping[str, str]) -> None:
    """Add to the note of a project."""
    path = root / FREED
    with store_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with folder_lock(path.parent):
            write_json_atomic(path, sealed({**freed(root), **given}))
