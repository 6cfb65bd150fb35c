"""Keeping versions: files and texts under their digest, so that a record's digest finds them.

Cubes and figures are kept, as copies: what happens to a result must not reach its kept versions.
Uncommitted changes of the code are objects, too (`<sha256>.diff`). Shards, measurements and data
sets are not kept: they are large, and the records say how to make them again.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from layeratlas.errors import StoreError
from layeratlas.provenance.record.places import OBJECTS
from layeratlas.storage import file_digest
from layeratlas.storage.atomic import store_errors
from layeratlas.storage.keeping import copy_object, write_object
from layeratlas.storage.manifest import SUFFIX


def object_path(root: Path, digest: str, name: str) -> Path:
    """Where the object of a file called `name` with this digest lies, if it was kept."""
    suffix = SUFFIX if name.endswith(SUFFIX) else Path(name).suffix
    return root / OBJECTS / f"{digest}{suffix}"


def keep(path: str | os.PathLike[str], root: Path) -> str:
    """Keep a file in the object store of `root` and return its digest.

    StoreError when it cannot be read or kept.
    """
    path = Path(path)
    if not path.name.endswith(SUFFIX):
        try:
            content = path.read_bytes()
        except OSError as error:
            raise StoreError(f"could not read {path}: {error.strerror or error}.") from error
        return keep_bytes(content, path.suffix, root)
    digest = file_digest(path)
    stored = object_path(root, digest, path.name)
    with store_errors(stored):
        copy_object(path, stored)
    return digest


def keep_bytes(content: bytes, suffix: str, root: Path) -> str:
    """Keep `content` as `<sha256><suffix>` and return the digest. StoreError when it cannot be."""
    digest = hashlib.sha256(content).hexdigest()
    stored = root / OBJECTS / f"{digest}{suffix}"
    with store_errors(stored):
        write_object(content, stored)
    return digest
