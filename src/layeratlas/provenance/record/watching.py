"""Which files Python opens and writes: what a script of one's own was made from, and made.

    with watched(root) as seen:
        ...
    seen.read, seen.written

Python tells every `open` and rename to its audit hooks, so that cubes, arrays and tables are seen
however they are read, and local modules too. A C library that opens files by itself (NetCDF's) is
not seen. Other processes are watched by a `sitecustomize` of their own (`variables`), which is this
file: it needs nothing but Python, whichever they run.
"""

# Asked at every file that is opened, in every process: no objects for paths.
# ruff: noqa: PTH109, PTH116, PTH118, PTH123, PTH206

from __future__ import annotations

import functools
import importlib.util
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.machinery import PathFinder

FOLDER, ROOT = "LAYERATLAS_WATCHED_FOLDER", "LAYERATLAS_WATCHED_ROOT"
_SEEN = "seen.jsonl"
_WRITES = os.O_WRONLY | os.O_RDWR
Tell = Callable[[dict[str, object]], None]
Stamp = tuple[int, ...]
"""Of a file: inode, size and time; another when it is replaced or rewritten."""


@dataclass
class Seen:
    """Files below `root`, an absolute path without links, by path relative to it."""

    root: str
    read: dict[str, Stamp] = field(default_factory=dict)
    """Files that were read before anything was written there, as they were then."""
    written: set[str] = field(default_factory=set)
    """Files that were opened for writing, or that another was renamed to."""
    pythons: set[str] = field(default_factory=set)
    """`sys.prefix` of the processes that were watched."""
    tell: Tell = lambda line: None
    """Is told each of these once, at once."""

    def opened(self, path: object, flags: int) -> None:
        """Note that a file was opened."""
        if flags & _WRITES:
            self.stands(path)
            return
        name = self._inside(path)
        if name is not None and name not in self.read and name not in self.written:
            with suppress(OSError):
                self.read[name] = stamp(os.path.join(self.root, name))
                self.tell({"read": name, "stamp": self.read[name]})

    def stands(self, path: object) -> None:
        """Note that a file was made, or another renamed to it."""
        name = self._inside(path)
        if name is not None and name not in self.written:
            self.written.add(name)
            self.tell({"written": name})

    def _inside(self, path: object) -> str | None:
        """The path below `root`; None elsewhere, and where a part of it is hidden."""
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if not isinstance(path, str):
            return None  # a descriptor
        path = os.path.normpath(os.path.join(os.getcwd(), path))
        if path.endswith(".pyc"):
            # A module that was compiled before.
            with suppress(ValueError, NotImplementedError):
                path = importlib.util.source_from_cache(path)
        below = self.root.rstrip(os.sep) + os.sep
        if not path.startswith(below):
            folder, name = os.path.split(path)
            path = os.path.join(_without_links(folder), name)
        if not path.startswith(below):
            return None
        parts = path[len(below) :].split(os.sep)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
        return None if hidden else "/".join(parts)


@functools.lru_cache(maxsize=4096)
def _without_links(folder: str) -> str:
    return os.path.realpath(folder)


def stamp(path: str | os.PathLike[str]) -> Stamp:
    """The stamp of a file as it is now. OSError."""
    found = os.stat(path)
    return found.st_ino, found.st_size, found.st_mtime_ns


@contextmanager
def watched(root: str, tell: Tell = lambda line: None) -> Iterator[Seen]:
    """What this process does below `root`, an absolute path without links."""
    if not _hooked:
        # It cannot be taken off again; with nobody in `_active` it costs next to nothing.
        sys.addaudithook(_hook)
        _hooked.append(True)
    seen = Seen(root, pythons={sys.prefix}, tell=tell)
    _active.append(seen)
    try:
        yield seen
    finally:
        _active.remove(seen)


def variables(folder: str, root: str, around: Mapping[str, str]) -> dict[str, str]:
    """The environment `around`, where every Python tells in `folder` what it does below `root`."""
    with open(__file__, "rb") as source:
        content = source.read()
    with open(os.path.join(folder, "sitecustomize.py"), "wb") as copy:
        copy.write(content)
    path = os.pathsep.join([folder, *filter(None, [around.get("PYTHONPATH")])])
    return {**around, "PYTHONPATH": path, FOLDER: folder, ROOT: root}


def collected(folder: str, root: str) -> Seen:
    """What all processes in such an environment told, one after the other."""
    seen = Seen(root)
    try:
        with open(os.path.join(folder, _SEEN), encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
    except FileNotFoundError:
        return seen
    for line in lines:
        if "written" in line:
            seen.written.add(line["written"])
        elif "read" in line and line["read"] not in seen.written:
            # What one process writes and the next reads came from nowhere else.
            seen.read.setdefault(line["read"], tuple(line["stamp"]))
        elif "python" in line:
            seen.pythons.add(line["python"])
    return seen


_active: list[Seen] = []
_hooked: list[bool] = []
_forever: list[object] = []
_here = threading.local()


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if not _active or event not in ("open", "os.rename", "os.link"):
        return
    if getattr(_here, "busy", False):
        return
    _here.busy = True
    try:
        # No work fails because somebody watches it.
        with suppress(Exception):
            for seen in list(_active):
                if event == "open":
                    flags = arguments[2]
                    seen.opened(arguments[0], flags if isinstance(flags, int) else 0)
                else:
                    seen.stands(arguments[1])
    finally:
        _here.busy = False


def _watch_this_process(folder: str, root: str) -> None:
    """As `sitecustomize`: watch from the start to the end."""
    # Lines of several processes stay whole; one that is killed has told what it did.
    log = os.open(os.path.join(folder, _SEEN), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def tell(line: dict[str, object]) -> None:
        os.write(log, json.dumps(line).encode() + b"\n")

    tell({"python": sys.prefix})
    around = watched(root, tell=tell)
    around.__enter__()
    _forever.append(around)
    # Whoever has a `sitecustomize` already keeps it.
    rest = [path for path in sys.path if path != folder]
    found = PathFinder.find_spec("sitecustomize", rest)
    if found is not None and found.loader is not None:
        found.loader.exec_module(importlib.util.module_from_spec(found))


if __name__ == "sitecustomize" and FOLDER in os.environ:
    with suppress(OSError):
        _watch_this_process(os.environ[FOLDER], os.environ[ROOT])
