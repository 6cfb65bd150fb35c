"""The code that runs: hash of the imported package, and what git says about it.

git may be missing, the package may be installed outside any repository, or inside somebody
else's: each of these is an answer (None), never an error.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import layeratlas
from layeratlas.temporaries import scratch_folder

PACKAGE = Path(layeratlas.__file__).resolve().parent
# What decides numbers and pictures. Configuration is on record itself; texts and tests decide
# nothing.
_WATCHED = ("Snakefile", "rules", "scripts")
_TIMEOUT = 5.0


@dataclass(frozen=True)
class GitState:
    """`diff` holds every uncommitted change of the watched code, as a patch for `git apply`.

    `repository` is the address of the remote `origin`, if others can reach it; nothing is made up.
    """

    commit: str | None = None
    dirty: bool | None = None
    diff: bytes | None = None
    repository: str | None = None


def source_hash(package: Path = PACKAGE) -> str:
    """sha256 over names and bytes of all `.py` files of the package."""
    whole = hashlib.sha256()
    for path in sorted(package.rglob("*.py"), key=lambda path: path.relative_to(package).parts):
        whole.update(path.relative_to(package).as_posix().encode() + b"\0")
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def was_edited(source: str) -> bool:
    """Whether the package on the disk is no longer the one with this `source_hash`."""
    try:
        return source_hash() != source
    except OSError:
        return True


def git_state(package: Path = PACKAGE) -> GitState:
    """Commit, dirty flag and diff of the repository that tracks the package; see `GitState`."""
    top = _repository(package)
    if top is None:
        return GitState()
    inside = package.relative_to(top).as_posix()
    watched = [inside, *(name for name in _WATCHED if (top / name).exists())]
    report = _git(
        top, "status", "--porcelain=v2", "--branch", "--untracked-files=all", "-z", "--", *watched
    )
    if report is None:
        return GitState()
    commit, dirty, untracked = None, False, []
    for entry in report.decode(errors="surrogateescape").split("\0"):
        if entry.startswith("# branch.oid "):
            commit = entry.removeprefix("# branch.oid ")
        elif entry.startswith("? "):
            untracked.append(entry[2:])
        elif entry and not entry.startswith("#"):
            dirty = True
    if commit in (None, "(initial)"):
        return GitState()
    remote = _git(top, "config", "--get", "remote.origin.url")
    address = None if remote is None else public_address(remote.decode(errors="replace").strip())
    if not dirty and not untracked:
        return GitState(commit, False, repository=address)
    return GitState(commit, True, _diff(top, watched, untracked), address)


def public_address(remote: str) -> str | None:
    """The address of a git remote as a URL that can be told: without user, password or query.

    `git@host:owner/name.git`, the short form of ssh, is spelt out. None for a path on this
    machine, and for what is no address.
    """
    if short := re.fullmatch(r"(?:[^/@:]+@)?([^/@:]{2,}):(?!/)([^?#]+)", remote):
        remote = f"ssh://{short[1]}/{short[2]}"
    try:
        parts = urlsplit(remote)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    if parts.scheme not in ("http", "https", "ssh", "git") or not parts.hostname:
        return None
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"


def _repository(package: Path) -> Path | None:
    """Top of the repository that tracks the package; a folder around site-packages is not it."""
    for folder in package.parents:
        if (folder / ".git").exists():
            marker = (package / "__init__.py").relative_to(folder).as_posix()
            tracked = _git(folder, "ls-files", "--error-unmatch", "--", marker)
            return None if tracked is None else folder
    return None


def _diff(top: Path, watched: list[str], untracked: list[str]) -> bytes | None:
    command = ("diff", "--binary", "--no-ext-diff", "--no-textconv", "--no-color", "HEAD", "--")
    if not untracked:
        return _git(top, *command, *watched)
    # New files show in a diff once an index mentions them: a copy, so that the user's stays as is.
    place = _git(top, "rev-parse", "--git-path", "index")
    if place is None:
        return None
    with scratch_folder() as folder:
        index = folder / "index"
        try:
            shutil.copyfile(top / place.decode().strip(), index)
        except OSError:
            return None
        names = "\0".join(untracked).encode(errors="surrogateescape")
        _git(
            top,
            "add",
            "--intent-to-add",
            "--pathspec-from-file=-",
            "--pathspec-file-nul",
            given=names,
            index=index,
        )
        return _git(top, *command, *watched, index=index)


def _git(top: Path, *arguments: str, given: bytes = b"", index: Path | None = None) -> bytes | None:
    """Output of a git command; None when git is missing, slow, or says no."""
    # Without optional locks: jobs that start together must not quarrel over the user's index.
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_LITERAL_PATHSPECS": "1"}
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        environment.pop(name, None)
    if index is not None:
        environment["GIT_INDEX_FILE"] = str(index)
    try:
        done = subprocess.run(
            ["git", "-C", str(top), *arguments],
            input=given,
            capture_output=True,
            env=environment,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 else None
