"""Publish: readers see the old version or the new one, whole, whatever dies in between."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import xarray as xr

from layeratlas.errors import StoreError, UnreadableError
from layeratlas.storage.archive import write_archive
from layeratlas.storage.atomic import (
    folder_lock,
    store_errors,
    sync_folder,
    temporary_beside,
    write_durably,
)
from layeratlas.storage.hashing import ContentHash, content_hash, file_digest
from layeratlas.storage.keeping import copy_object
from layeratlas.storage.manifest import SUFFIX, Manifest, describe, manifest_path
from layeratlas.storage.reading import open_datatree
from layeratlas.storage.ziparchive import AGAIN


def publish(
    data: xr.Dataset | xr.DataTree,
    path: str | os.PathLike[str],
    *,
    objects: str | os.PathLike[str] | None = None,
) -> Manifest:
    """Write `data` to `path` (`….zarr.zip`) and its manifest beside it (`….json`).

    The same data gives the same bytes anywhere and at any time. The file is written under a
    temporary name, read back in full, put on the disk, kept in the folder `objects` as
    `<sha256>.zarr.zip` when that is given, and only then renamed; the manifest follows. Data that
    is lazy may come from the very file that is replaced.

    StoreError when data cannot be stored as it is (see `content_hash`), when what was read back is
    not what was written, or when the file system refuses; `path` then still holds what it held.
    """
    path = Path(path)
    manifest_file = manifest_path(path)
    with (
        store_errors(path),
        temporary_beside(path) as archive,
        temporary_beside(manifest_file) as description,
    ):
        content = write_archive(data, archive)
        _check(archive, content, path)
        digest = file_digest(archive)
        _sync(archive)
        size = archive.stat().st_size
        manifest = describe(data, file=path.name, size=size, digest=digest, content=content)
        write_durably(description, manifest.to_json())
        with ExitStack() as held:
            if objects is not None:
                # Held until the file stands: what collects garbage must not come in between.
                Path(objects).mkdir(parents=True, exist_ok=True)
                held.enter_context(folder_lock(Path(objects)))
                copy_object(archive, Path(objects) / f"{digest}{SUFFIX}")
            # Together, so that of two publishers one is wholly the last.
            held.enter_context(folder_lock(path.parent))
            archive.replace(path)
            sync_folder(path.parent)
            description.replace(manifest_file)
            sync_folder(path.parent)
    return manifest


def _check(archive: Path, written: ContentHash, path: Path) -> None:
    try:
        with open_datatree(archive) as tree:
            found = content_hash(tree)
    except UnreadableError as error:
        raise StoreError(
            f"{path} was not published, for nobody could read it: "
            f"it {error.reason.removesuffix(AGAIN)}."
        ) from error
    if found != written:
        wrong = sorted(
            leaf
            for leaf in written.leaves.keys() | found.leaves.keys()
            if written.leaves.get(leaf) != found.leaves.get(leaf)
        )
        raise StoreError(
            f"{path} was not published: {', '.join(wrong)} read back differently from what was "
            "written. The disk or the memory is at fault, or a library changed its encoding."
        )


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
