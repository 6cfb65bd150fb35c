"""Pins: versions that stay in the object store whatever becomes of the results."""

from __future__ import annotations

import os
import re
from pathlib import Path

from layeratlas.bounded.documents import read_json
from layeratlas.bounded.files import MIB
from layeratlas.bounded.seals import SEAL, check_seal, sealed
from layeratlas.errors import StoreError, UnreadableError
from layeratlas.provenance.store.objects import find_object
from layeratlas.provenance.store.reading import project_root
from layeratlas.storage import write_json_atomic
from layeratlas.storage.atomic import folder_lock, store_errors
from layeratlas.words import named, quoted

PINS = Path("store") / "pins.json"


def pins(root: str | os.PathLike[str] | None = None) -> dict[str, str]:
    """{digest: name} of the objects that must stay whatever becomes of the results."""
    path = project_root(root) / PINS
    try:
        return _read(path)[0]
    except UnreadableError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return {}
        raise StoreError(
            f"{named(path)} {error.reason}: mend or remove it; until then nothing is removed."
        ) from error


def check_pins(path: Path, project: Path) -> bool:
    """Whether the file of pins has a seal; UnreadableError where it is not what was written."""
    return _read(path)[1]


def _read(path: Path) -> tuple[dict[str, str], bool]:
    found = read_json(path, 16 * MIB)
    has_seal = check_seal(found, path)
    found.pop(SEAL, None)
    for digest, name in found.items():
        if not re.fullmatch("[0-9a-f]{64}", digest) or not isinstance(name, str):
            raise UnreadableError(
                path,
                f"pins {quoted(digest, 70)} as {quoted(name, 40)}; not a sha256 and a name",
            )
    return found, has_seal


def _write(path: Path, found: dict[str, str]) -> None:
    write_json_atomic(path, sealed(found))


def pin(digest: str, name: str, root: str | os.PathLike[str] | None = None) -> str:
    """Keep an object, and all that it was made from, under a name; returns its whole digest.

    The beginning of a digest is enough. StoreError for an unknown object.
    """
    project = project_root(root)
    whole = find_object(digest, project).name[:64]
    with store_errors(project / PINS), folder_lock(project / "store"):
        _write(project / PINS, pins(project) | {whole: name})
    return whole


def unpin(digest_or_name: str, root: str | os.PathLike[str] | None = None) -> None:
    """Take a pin away. StoreError when nothing is pinned so."""
    project = project_root(root)
    with store_errors(project / PINS), folder_lock(project / "store"):
        known = pins(project)
        left = {
            digest: name
            for digest, name in known.items()
            if name != digest_or_name and not digest.startswith(digest_or_name)
        }
        if len(left) == len(known):
            raise StoreError(
                f"nothing is pinned as {quoted(digest_or_name)} in {named(project / PINS)}."
            )
        _write(project / PINS, left)
