"""Files of a job as they are now: digest, content hash, size, and what the rule calls them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from layeratlas.errors import StoreError
from layeratlas.provenance.record.places import MARKED_SUFFIXES
from layeratlas.provenance.record.schema import FileState
from layeratlas.storage import content_hash, file_digest, open_datatree, read_manifest
from layeratlas.storage.manifest import SUFFIX, Manifest, manifest_path

LARGE = 1 << 30
"""Inputs above this size are taken at their manifest's word when the size agrees."""


def states_of(files: Any, root: Path, *, trust_manifests: bool) -> Iterator[FileState]:
    """States of those of Snakemake's `files` that exist, an archive and its manifest as one.

    `trust_manifests`: archives above `LARGE` bytes are not read. StoreError for a file that
    cannot be read.
    """
    named = list(_named(files))
    paths = {path for _, path in named}
    seen = set()
    for role, path in named:
        if path in seen or not (root / path).is_file():
            continue
        seen.add(path)
        is_manifest = path.endswith(".json") and path.removesuffix(".json") + SUFFIX in paths
        if not is_manifest:
            yield _state(path, role, root, trust_manifests)


def standing(files: Any, root: Path) -> dict[str, str | None]:
    """Digests of what stands in the place of each of `files`, None where nothing can be read.

    Archives above `LARGE` bytes are taken at their manifest's word, and a manifest beside its
    archive is left out.
    """
    paths = dict.fromkeys(str(path) for path in files)
    archives = {path.removesuffix(SUFFIX) for path in paths if path.endswith(SUFFIX)}
    return {
        path: _standing(root / path)
        for path in paths
        if not (path.endswith(".json") and path.removesuffix(".json") in archives)
    }


def _standing(place: Path) -> str | None:
    try:
        return _digest(place, place.stat().st_size, _manifest(place)) if place.is_file() else None
    except (OSError, StoreError):
        return None


def mark_in(place: Path) -> str | None:
    """The mark of the figure, animation or table in this file (`figures.identity`), as the file
    itself tells it; None where it has none."""
    if place.suffix not in MARKED_SUFFIXES:
        return None
    from layeratlas.figures.output import read_identities

    try:
        found, _ = read_identities(place)
    except StoreError:
        return None
    return found[0].mark if len(found) == 1 else None


def _named(files: Any) -> Iterator[tuple[str, str]]:
    """(role, path): the rule's name of a file, or, where it has none, what kind of file it is."""
    left = [str(path) for path in files]
    for name, value in files.items():
        for path in [value] if isinstance(value, str | os.PathLike) else value:
            left.remove(str(path))
            # Why the job ran (`layeratlas.workflow.receipts`), nothing that it read.
            if name != "changed":
                yield name, str(path)
    for path in left:
        yield Path(path).suffix.lstrip(".") or "file", path


def _state(path: str, role: str, root: Path, trust_manifests: bool) -> FileState:
    place = root / path
    size = place.stat().st_size
    manifest = _manifest(place)
    digest = _digest(place, size, manifest if trust_manifests else None)
    if manifest is not None and manifest.digest == digest:
        content: str | None = manifest.content_hash
    else:
        content = _content(place)
    # As the rule names it: relative already, unless it lies outside the working directory.
    return FileState(path=path, role=role, digest=digest, size=size, content_hash=content)


def _digest(place: Path, size: int, trusted: Manifest | None) -> str:
    if trusted is not None and size > LARGE and trusted.size == size:
        return trusted.digest
    return file_digest(place)


def _manifest(place: Path) -> Manifest | None:
    try:
        return read_manifest(manifest_path(place))
    except StoreError:
        return None


def _content(place: Path) -> str | None:
    """Content hash of an archive whose manifest is missing or another's."""
    if not place.name.endswith(SUFFIX):
        return None
    try:
        with open_datatree(place) as tree:
            return content_hash(tree).root
    except (StoreError, ValueError, RuntimeError, KeyError):
        return None
