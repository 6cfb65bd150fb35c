"""Pins: versions that stay in the object store whatever becomes of the results."""

from __future__ import annotations

import json
import os
from pathlib import Path

from layeratlas.errors import StoreError
from layeratlas.provenance.store.objects import find_object
from layeratlas.provenance.store.reading import project_root
from layeratlas.storage import write_json_atomic
from layeratlas.storage.atomic import folder_lock, store_errors

PINS = Path("store") / "pins.json"


def pins(root: str | os.PathLike[str] | None = None) -> dict[str, str]:
    """{digest: name} of the objects that must stay whatever becomes of the results."""
    path = project_root(root) / PINS
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} cannot be read ({error}): mend or remove it.") from error
    if not isinstance(found, dict):
        raise StoreError(f"{path} is no list of pins: mend or remove it.")
    return found


def pin(digest: str, name: str, root: str | os.PathLike[str] | None = None) -> str:
    """Keep an object, and all that it was made from, under a name; returns its whole digest.

    The beginning of a digest is enough. StoreError for an unknown object.
    """
    project = project_root(root)
    whole = find_object(digest, project).name[:64]
    with store_errors(project / PINS), folder_lock(project / "store"):
        write_json_atomic(project / PINS, pins(project) | {whole: name})
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
            raise StoreError(f"nothing is pinned as {digest_or_name!r} in {project / PINS}.")
        write_json_atomic(project / PINS, left)
