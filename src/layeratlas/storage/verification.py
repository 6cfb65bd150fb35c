"""Is a stored file what its manifest says?"""

from __future__ import annotations

import os
from pathlib import Path

from layeratlas.errors import StoreError
from layeratlas.storage.hashing import content_hash, file_digest
from layeratlas.storage.manifest import read_manifest
from layeratlas.storage.reading import open_datatree


def verify(path: str | os.PathLike[str]) -> list[str]:
    """Problems of a published archive, as sentences; none when all is well.

    Reads the whole file twice: its digest against the manifest, then every chunk, decoded, and
    the content hash leaf by leaf.
    """
    path = Path(path)
    problems: list[str] = []
    manifest = None
    try:
        manifest = read_manifest(path)
        if manifest.file != path.name:
            problems.append(f"{path}: the manifest describes {manifest.file}.")
        if (digest := file_digest(path)) != manifest.digest:
            problems.append(f"{path}: digest is {digest}, the manifest says {manifest.digest}.")
    except StoreError as error:
        problems.append(str(error))
    try:
        with open_datatree(path) as tree:
            content = content_hash(tree)
    except (StoreError, ValueError, RuntimeError, KeyError) as error:
        problems.append(f"{path} cannot be read in full: {error}")
        return problems
    if manifest is not None and content.root != manifest.content_hash:
        names = content.leaves.keys() | manifest.leaves.keys()
        wrong = sorted(n for n in names if content.leaves.get(n) != manifest.leaves.get(n))
        problems.append(f"{path}: content differs from the manifest in {', '.join(wrong)}.")
    return problems
