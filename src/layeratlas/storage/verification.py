"""Is a stored file what its manifest says?"""

from __future__ import annotations

import os
from pathlib import Path

import xarray as xr

from layeratlas.errors import StoreError, UnreadableError
from layeratlas.storage.hashing import ContentHash, content_hash, file_digest
from layeratlas.storage.manifest import Manifest, describe, read_manifest
from layeratlas.storage.reading import open_datatree
from layeratlas.words import listed


def verify(path: str | os.PathLike[str]) -> list[str]:
    """Problems of a published archive, as sentences; none when all is well.

    Reads the whole file twice: its digest against the manifest, then every chunk, decoded, and
    the content hash leaf by leaf. What else the manifest says must be what the file says, too.
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
            true = None if manifest is None else _manifest_of(path, tree, manifest, content)
    except StoreError as error:
        problems.append(f"{path} cannot be read in full: {_reason(error)}")
        return problems
    if manifest is not None and content.root != manifest.content_hash:
        names = content.leaves.keys() | manifest.leaves.keys()
        wrong = sorted(n for n in names if content.leaves.get(n) != manifest.leaves.get(n))
        problems.append(f"{path}: content differs from the manifest in {listed(wrong)}.")
    elif manifest is not None and manifest != true and not problems:
        problems.append(f"{path}: the manifest was changed after it was written.")
    return problems


def manifest_problems(path: str | os.PathLike[str]) -> list[str]:
    """Problems of the manifest of an archive whose bytes are known to be right.

    Reads metadata only: use it where the digest was compared with another source.
    """
    path = Path(path)
    try:
        manifest = read_manifest(path)
        with open_datatree(path) as tree:
            true = _manifest_of(path, tree, manifest, ContentHash.of(manifest.leaves))
    except StoreError as error:
        return [str(error)]
    if manifest != true:
        return [f"{path}: the manifest was changed after it was written."]
    return []


def _manifest_of(
    path: Path, tree: xr.DataTree, manifest: Manifest, content: ContentHash
) -> Manifest:
    """What the manifest of `path` should say; its digest is compared elsewhere."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise UnreadableError(path, f"cannot be read: {error.strerror}") from error
    return describe(tree, file=path.name, size=size, digest=manifest.digest, content=content)


def _reason(error: StoreError) -> str:
    """What is wrong, without the path that the sentence begins with already."""
    return error.reason if isinstance(error, UnreadableError) else str(error)
