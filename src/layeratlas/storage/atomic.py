"""Files that appear whole or not at all: temporary name, fsync, rename, fsync of the folder.

A temporary lies beside its target: a rename is atomic only inside one file system. Who dies leaves
its temporary (`layeratlas.temporaries`); the next writer of the same target removes it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from layeratlas.errors import StoreError
from layeratlas.storage.canonical import plain, readable_json
from layeratlas.storage.lease import lease
from layeratlas.temporaries import remove_left_over, temporary_name

if sys.platform != "win32":
    import fcntl


def write_bytes_atomic(path: str | os.PathLike[str], content: bytes) -> None:
    """Write `content` to `path` so that readers see the old file or the new one, whole.

    Missing folders are made. StoreError when the file cannot be written; the old one stays.
    """
    path = Path(path)
    with store_errors(path), temporary_beside(path) as temporary:
        write_durably(temporary, content)
        temporary.replace(path)
        sync_folder(path.parent)


def write_json_atomic(path: str | os.PathLike[str], obj: Any) -> None:
    """Write `obj` as JSON: sorted keys, two-space indent, UTF-8, final newline; else as above.

    NumPy scalars and arrays are made plain. StoreError for NaN and for what JSON cannot hold.
    """
    write_bytes_atomic(path, readable_json(plain(obj, Path(path).name)))


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turn an OSError (disk full, no permission, …) into a StoreError that names `path`."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(
            f"could not write {path}: {reason}. What stood there before is unchanged."
        ) from error


@contextmanager
def temporary_beside(path: Path) -> Iterator[Path]:
    """A fresh temporary name for `path`, gone on exit unless it was renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_left_over(path)
    temporary = temporary_name(path)
    try:
        yield temporary
    finally:
        with suppress(OSError):
            temporary.unlink()


def write_durably(path: Path, content: bytes) -> None:
    """Create `path` with `content`, on the disk when this returns."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold `folder` while several names change together.

    The lock is on the folder itself, so nothing is left behind and a dead holder frees it. Where a
    folder cannot be locked (NFS without lockd says ENOLCK, with it EBADF, others ENOTSUP), there is
    a lease in it, `.publishing.lease`; all who write there meet the same refusal.
    """
    with ExitStack() as held:
        if not _locked(folder, held):
            held.enter_context(lease(folder / "publishing"))
        yield


def _locked(folder: Path, held: ExitStack) -> bool:
    """Whether the file system locks `folder`; `held` frees it."""
    if sys.platform == "win32":
        return False
    descriptor = os.open(folder, os.O_RDONLY)
    held.callback(os.close, descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError:
        return False
    return True
