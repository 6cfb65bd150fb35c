"""Files that appear whole or not at all: temporary name, fsync, rename, fsync of the folder.

A temporary, file or folder, lies beside its target (a rename is atomic only inside one file system)
and is called `.<target>.<host>-<pid>-<random>.tmp`. Who dies leaves its temporary; the next writer
of the same target removes it, and `store gc` what nobody writes again (`remove_leftovers`).
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import socket
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from layeratlas.errors import StoreError
from layeratlas.storage.canonical import plain, readable_json

if sys.platform != "win32":
    import fcntl

TEMPORARY_LIFETIME = 24 * 3600.0
"""Seconds until any temporary counts as abandoned: the pid of another host says nothing here, and
one of this host may be another process's by now."""

_TEMPORARY = re.compile(r"\.(?P<target>.+)\.(?P<host>[0-9a-f]{8})-(?P<pid>\d{1,10})-[0-9a-f]+\.tmp")
# As earlier versions called them, which did not say who writes: trials of a folder, and folders.
_UNSIGNED = re.compile(r"\.[0-9a-f]{12}\.probe\.tmp|\..+\.[a-z0-9_]{8}\.tmp")


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
    remove_stale_temporaries(path)
    temporary = temporary_name(path)
    try:
        yield temporary
    finally:
        with suppress(OSError):
            temporary.unlink()


def temporary_name(path: Path) -> Path:
    """A name beside `path` that says who writes it."""
    return path.with_name(f".{path.name}.{host_tag()}-{os.getpid()}-{secrets.token_hex(6)}.tmp")


def remove_stale_temporaries(path: Path) -> None:
    """Remove what dead writers of `path` left beside it."""
    for temporary in path.parent.iterdir():
        match = _TEMPORARY.fullmatch(temporary.name)
        if match and match["target"] == path.name and _is_abandoned(temporary):
            _remove(temporary)


def leftovers(folder: Path) -> list[Path]:
    """Temporaries of any target directly in `folder` that nobody writes any more, sorted."""
    try:
        return sorted(path for path in folder.iterdir() if _is_abandoned(path))
    except OSError:  # no such folder, or not ours to look into
        return []


def remove_leftovers(folder: Path) -> list[Path]:
    """Remove the `leftovers` in `folder`, and say what is gone."""
    found = leftovers(folder)
    for path in found:
        _remove(path)
    return [path for path in found if not os.path.lexists(path)]


def _is_abandoned(path: Path) -> bool:
    """Whether `path` is a temporary by its name, and its writer is dead or was slower than any."""
    signed = _TEMPORARY.fullmatch(path.name)
    if not signed and not _UNSIGNED.fullmatch(path.name):
        return False
    if signed and signed["host"] == host_tag() and not _is_alive(int(signed["pid"])):
        return True
    try:
        return time.time() - path.lstat().st_mtime > TEMPORARY_LIFETIME
    except OSError:
        return False


def _remove(path: Path) -> None:
    """Remove a temporary. Another may clean at the same moment: what is gone is gone."""
    with suppress(OSError):
        if stat.S_ISDIR(path.lstat().st_mode):
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()


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

    The lock is on the folder itself, so nothing is left behind and a dead holder frees it. Some
    network file systems cannot lock a folder; there, two publishers of one target at the same
    moment may leave the file of one with the manifest of the other, which `verify` reports.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if sys.platform != "win32":
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def host_tag() -> str:
    """What names this host in the temporaries of its writers."""
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
