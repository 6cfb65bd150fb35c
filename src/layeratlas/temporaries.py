"""What exists only while somebody writes it: how it is called, and which of it is left over.

A temporary, a file or a folder, lies beside its target and is called
`.<target>.<host>-<pid>-<start>-<random>.tmp`; a scratch folder lies where the system keeps such and
is called `layeratlas.<host>-<pid>-<start>-<random>.tmp`. Who dies by SIGKILL leaves it behind. The
name says who wrote it: once that process is gone, or its pid is another's, it is left over.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FOREIGN_LIFETIME = 24 * 3600.0
"""Seconds until a temporary of another host counts as left over: its pid says nothing here."""

_WRITER = r"(?P<host>[0-9a-f]{8})-(?P<pid>\d{1,10})(?:-(?P<start>\d{1,20}))?-[0-9a-f]+\.tmp"
_BESIDE = re.compile(rf"\.(?P<target>.+)\.{_WRITER}", re.DOTALL)
_SCRATCH = re.compile(rf"(?P<target>layeratlas)\.{_WRITER}")
# Those of earlier versions named no writer: probes of folders, exports, remembered fingerprints.
_EARLIER = re.compile(
    r"\.[0-9a-f]{12}\.probe\.tmp|\..+\.(?:zarr|crate)\.[a-z0-9_]{8}\.tmp"
    r"|fingerprints\.[a-z0-9-]+\.\d+\.tmp"
)
# The initial namespace of pids has this number on every Linux.
_INITIAL_NAMESPACE = 0xEFFFFFFC


def temporary_name(path: Path) -> Path:
    """A fresh name beside `path` that says who writes it."""
    return path.with_name(f".{path.name}.{_writer()}")


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """An empty folder where the system keeps temporaries, gone on exit."""
    folder = Path(tempfile.gettempdir()) / f"layeratlas.{_writer()}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def left_over(path: Path) -> bool:
    """Whether `path` is a temporary of ours that nobody writes any more.

    That of a process of this host, once that is gone; of another host, or of an earlier version
    that named no writer, once nothing of it has changed for `FOREIGN_LIFETIME`.
    """
    match = _BESIDE.fullmatch(path.name) or _SCRATCH.fullmatch(path.name)
    if match is None:
        return _EARLIER.fullmatch(path.name) is not None and _is_old(path)
    if match["host"] != host_tag():
        return _is_old(path)
    return not is_writing(int(match["pid"]), match["start"])


def remove_left_over(path: Path) -> None:
    """Remove what dead writers of `path` left beside it."""
    beginning = f".{path.name}."
    with suppress(OSError), os.scandir(path.parent) as folder:
        # Of names alone, at first: a folder may hold the results of ten thousand jobs.
        for other in [entry for entry in folder if entry.name.startswith(beginning)]:
            match = _BESIDE.fullmatch(other.name)
            if match is not None and match["target"] == path.name and left_over(Path(other)):
                # A second writer may clean at the same moment: what is gone is gone.
                with suppress(OSError):
                    discard(Path(other))


def discard(path: Path) -> None:
    """Remove a file, a link, or a folder with all in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


@functools.cache
def host_tag() -> str:
    """What names the machine whose pids these are: its host's name; in a container its own."""
    name = socket.gethostname()
    with suppress(OSError):
        namespace = Path("/proc/self/ns/pid").stat().st_ino
        if namespace != _INITIAL_NAMESPACE:
            name = f"{name} {namespace}"
    return hashlib.sha256(name.encode()).hexdigest()[:8]


def _writer() -> str:
    pid = os.getpid()
    return f"{host_tag()}-{pid}-{start_of(pid)}-{secrets.token_hex(6)}.tmp"


def start_of(pid: int) -> str:
    """When a process started, in clock ticks since the machine did; `ended` of one that only waits
    for its parent to ask; 0 where that is not told."""
    try:
        told = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return "0"
    # State and start are fields 3 and 22; the second, the program's name, may hold anything.
    fields = told.rpartition(b")")[2].split()
    if len(fields) < 20:
        return "0"
    return "ended" if fields[0] in (b"Z", b"X") else fields[19].decode()


def is_writing(pid: int, start: str | None) -> bool:
    """Whether the process that had this pid, and started then, is there."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        # Somebody else's process, but one all the same.
        pass
    # Pids come again; of earlier versions, and where nobody tells, the pid alone counts.
    now = start_of(pid)
    return now != "ended" and (start in (None, "0", now) or now == "0")


def _is_old(path: Path) -> bool:
    """Whether neither a file nor anything in a folder has changed for `FOREIGN_LIFETIME`."""
    before = time.time() - FOREIGN_LIFETIME
    try:
        if path.lstat().st_mtime > before:
            return False
        if path.is_dir() and not path.is_symlink():
            return all(inner.lstat().st_mtime <= before for inner in path.rglob("*"))
    except OSError:
        return False
    return True
