"""Leftovers: what killed jobs left behind and nobody will use any more.

- temporaries of dead writers (`layeratlas.temporaries`), wherever the project writes, and scratch
  folders of this user where the system keeps such;
- states of training of which nothing will go on: its shard was finished since, the file cannot be
  read, or nothing has touched it for `STATE_LIFETIME`;
- leases of jobs that are gone (`layeratlas.storage.lease`), where no Snakemake is at work;
- copies that Snakemake made of results before it let a job replace them (`.snakemake/backups`),
  where no Snakemake is at work and the result stands: ours appear whole or not at all;
- parts of files that Python and numba were writing beside the package's own compiled code.

What a living process writes, what somebody else made and what has a name of its own is none.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from layeratlas.provenance.record.places import OBJECTS, RECORDS
from layeratlas.storage.lease import LEASES, is_held
from layeratlas.temporaries import FOREIGN_LIFETIME, left_over

STATE_LIFETIME = 90 * 24 * 3600.0
"""Seconds after which nobody is expected to go on with a training."""

STATE_SUFFIX, WEIGHTS_SUFFIX = ".state.npz", ".state.weights"
_WRITTEN = ("results", "figures", "export", "crates", OBJECTS.parts[0], RECORDS.parts[0])
_COMPILED = re.compile(r".+\.pyc\.\d+|.+\.nb[ic]\.tmp\.[0-9a-f]+")


class Leftover(NamedTuple):
    """A path, what it is, and the bytes that it holds."""

    path: Path
    kind: str
    size: int


def is_locked(project: Path) -> bool:
    """Whether a Snakemake is at work in a project, or was killed: it is for `--unlock` to tell."""
    return any(_listed(project / ".snakemake" / "locks"))


def leftovers(project: Path) -> Iterator[Leftover]:
    """Everything that is left over in and of a project."""
    for kind, paths in (
        ("temporary", _temporaries(project)),
        ("training state", _states(project)),
        ("lease", _leases(project)),
        ("backup", _backups(project)),
        ("compiled code", _compiled(project)),
    ):
        for path in paths:
            yield Leftover(path, kind, _size(path))


def _temporaries(project: Path) -> Iterator[Path]:
    for name in _WRITTEN:
        yield from _left_over_in(project / name)
    yield from _left_over_in(project / "src" / "layeratlas")
    # Crates are exported to where their reader asks, most often here.
    yield from (path for path in _listed(project) if left_over(path))
    own = getattr(os, "getuid", lambda: None)()
    for path in _listed(Path(tempfile.gettempdir())):
        ours = path.name.startswith("layeratlas.") and left_over(path)
        if ours and own in (None, path.lstat().st_uid):
            yield path


def _left_over_in(top: Path) -> Iterator[Path]:
    """Those in a folder, however deep; of a folder that is one itself nothing inside is said."""
    for folder, inner, files in os.walk(top):
        names = [name for name in (*inner, *files) if left_over(Path(folder, name))]
        inner[:] = [name for name in inner if name not in names]
        yield from (Path(folder, name) for name in names)


def _states(project: Path) -> Iterator[Path]:
    for path in sorted((project / "results").glob("*/shards/*/*.state.*")):
        if not path.is_file() or not path.name.endswith((STATE_SUFFIX, WEIGHTS_SUFFIX)):
            continue
        preset, experiment, key = path.parts[-4], path.parts[-2], path.name.split(".")[0]
        receipt = project / "results" / preset / "receipts" / "train" / experiment / f"{key}.json"
        try:
            saved = path.stat().st_mtime
            finished = receipt.exists() and receipt.stat().st_mtime >= saved
        except OSError:
            continue
        unread = path.name.endswith(STATE_SUFFIX) and not zipfile.is_zipfile(path)
        if finished or time.time() - saved > STATE_LIFETIME or unread:
            yield path


def _leases(project: Path) -> Iterator[Path]:
    if is_locked(project):
        # A job that is starting may be taking one over.
        return
    for name in _WRITTEN:
        for path in sorted((project / name).rglob(LEASES)):
            if path.is_file() and not is_held(path):
                yield path


def _backups(project: Path) -> Iterator[Path]:
    top = project / ".snakemake" / "backups"
    if is_locked(project):
        return
    for folder, _, files in os.walk(top):
        for name in sorted(files):
            path = Path(folder, name)
            result = project / path.relative_to(top)
            if result.exists():
                yield path


def _compiled(project: Path) -> Iterator[Path]:
    before = time.time() - FOREIGN_LIFETIME
    for folder in sorted((project / "src" / "layeratlas").rglob("__pycache__")):
        for path in _listed(folder):
            if _COMPILED.fullmatch(path.name) and path.lstat().st_mtime < before:
                yield path


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _size(path: Path) -> int:
    try:
        if path.is_dir() and not path.is_symlink():
            return sum(p.lstat().st_size for p in path.rglob("*") if not p.is_dir())
        return path.lstat().st_size
    except OSError:
        return 0
