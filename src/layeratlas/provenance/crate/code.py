"""The code that a crate holds: today's where it makes the very result, else that which ran.

Fingerprints decide (`layeratlas stale`): code that was edited elsewhere makes the same. Where they
say that the result is stale, the code of the job that made it is looked for: in git, or in the
object store, where records keep what no commit holds.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

from layeratlas.provenance.crate.history import History
from layeratlas.provenance.crate.layout import FOLDERS, SURROUNDINGS
from layeratlas.provenance.crate.workflow import WorkflowFiles
from layeratlas.provenance.record.keeping import object_path
from layeratlas.provenance.record.schema import Code
from layeratlas.provenance.record.source import GitState
from layeratlas.provenance.store.inside import is_relative
from layeratlas.storage.hashing import file_digest

_SECONDS = 60
_LARGEST = 256 << 20


def code_of(history: History, is_stale: bool, scratch: Path) -> WorkflowFiles | None:
    """The workflow that the crate of `history` holds; None where there is none at all.

    `scratch` is an empty folder for code that has to be fetched.
    """
    present = WorkflowFiles.near(history.root)
    ran = history.maker.code
    if present is None or not is_stale or present.source == ran.source:
        return present
    for fetch in (_from_git, _from_store):
        folder = scratch / fetch.__name__
        folder.mkdir()
        if fetch(history.root, present.folder, ran, folder):
            found = WorkflowFiles(folder, _state(ran))
            if found.source == ran.source:
                return found
    note = (
        "The code is not that which made the result, which neither git nor the store of objects "
        "gives, but the project's of today."
    )
    return WorkflowFiles(present.folder, present.state, note)


def users_files(history: History, base: Path, is_stale: bool, scratch: Path) -> dict[str, Path]:
    """{place: file} of users' files that the jobs ran, each as the last job ran it.

    Those in `base` where today's make the same; else, and where they are gone, what records keep.
    Of installed packages only the names are known to a crate (`installed`).
    """
    found: dict[str, Path] = {}
    for number, job in enumerate(history.jobs):
        told = job.code.users_files
        names = [name for name in told if is_relative(name) and not name.startswith("installed/")]
        here = {name: base / name for name in names if not is_stale and (base / name).is_file()}
        found |= here
        if set(names) <= here.keys() or job.code.users is None:
            continue
        folder = scratch / str(number)
        if _unpacked(_kept(history.root, job.code.users, ".tar"), folder):
            kept = {name: folder / name for name in names if name not in here}
            found |= {name: path for name, path in kept.items() if path.is_file()}
    return {name: found[name] for name in sorted(found)}


def installed(history: History) -> tuple[str, ...]:
    """Packages of users, installed beside the project, that the jobs ran: no crate holds them."""
    names = {name for job in history.jobs for name in job.code.users_files}
    inside = (name.split("/")[1] for name in names if name.startswith("installed/"))
    return tuple(sorted({name.removesuffix(".py") for name in inside}))


def _from_git(root: Path, present: Path, ran: Code, folder: Path) -> bool:
    if ran.commit is None or not ran.commit.isalnum():
        return False
    content = _git(present, "archive", "--format=tar", ran.commit)
    if content is None or not _unpacked(content, folder):
        return False
    if ran.diff is None:
        return True
    # Patches name files from the top of the repository.
    changes, above = _kept(root, ran.diff, ".diff"), _git(present, "rev-parse", "--show-prefix")
    if changes is None or above is None or above.strip():
        return False
    # As files, whatever repository lies above them.
    command = ("apply", "--whitespace=nowarn", "-")
    return _git(folder, *command, given=changes, ceiling=folder.parent) is not None


def _from_store(root: Path, present: Path, ran: Code, folder: Path) -> bool:
    if ran.kept is None or not _unpacked(_kept(root, ran.kept, ".tar"), folder):
        return False
    # The archive is of what decides results; what surrounds it is today's.
    for name in SURROUNDINGS:
        if (present / name).is_file():
            shutil.copyfile(present / name, folder / name)
    for name in (*FOLDERS, "config"):
        if (present / name).is_dir():
            shutil.copytree(present / name, folder / name, dirs_exist_ok=True)
    return True


def _state(ran: Code) -> GitState:
    return GitState(ran.commit, ran.dirty, None, ran.repository)


def _kept(root: Path, digest: str, suffix: str) -> bytes | None:
    path = object_path(root, digest, f"x{suffix}")
    if not path.is_file() or path.stat().st_size > _LARGEST or file_digest(path) != digest:
        return None
    return path.read_bytes()


def _unpacked(content: bytes | None, folder: Path) -> bool:
    """Unpack a tar; False where it is none, or would write elsewhere."""
    if content is None:
        return False
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, OSError, ValueError, EOFError):
        return False
    return True


def _git(
    folder: Path, *arguments: str, given: bytes = b"", ceiling: Path | None = None
) -> bytes | None:
    """What git says in a folder, None where it fails; of a repository no further up than below
    `ceiling`."""
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    if ceiling is not None:
        environment["GIT_CEILING_DIRECTORIES"] = str(ceiling)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        environment.pop(name, None)
    command = ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, timeout=_SECONDS, env=environment
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
