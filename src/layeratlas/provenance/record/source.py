"""The code that runs: hash of the imported package, and what git says about it.

The package may be installed outside any repository, or inside somebody else's: that is an answer
(None). That git is missing, refuses, fails or is slow where there is a repository is none: it is
told in `GitState.unread`.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import layeratlas
from layeratlas.provenance.record.probing import Answer, SlowError, UnreadError, ask
from layeratlas.temporaries import scratch_folder

PACKAGE = Path(layeratlas.__file__).resolve().parent
# What decides numbers and pictures. Configuration is on record itself; texts and tests decide
# nothing.
WATCHED = ("Snakefile", "rules", "scripts")
_SECONDS = 5.0
"""For all questions to git of one job together."""
_REFUSED = (
    "git refuses to read a repository that somebody else owns; `git config --global --add "
    "safe.directory FOLDER`, with the folder of the clone, allows it"
)


@dataclass(frozen=True)
class GitState:
    """`diff` holds every uncommitted change of the watched code, as a patch for `git apply`.

    `repository` is the address of the remote `origin`, if others can reach it; nothing is made up.
    `unread` says why one of these, {name: reason}, could not be read.
    """

    commit: str | None = None
    dirty: bool | None = None
    diff: bytes | None = None
    repository: str | None = None
    unread: dict[str, str] = field(default_factory=dict)


def source_hash(package: Path = PACKAGE) -> str:
    """sha256 over names and bytes of all `.py` files of the package."""
    return source_state(package)[0]


def source_state(package: Path = PACKAGE) -> tuple[str, list[str]]:
    """The `source_hash`, and the names of those files that cannot be read: no job imports them."""
    whole, unreadable = hashlib.sha256(), []
    for path in sorted(package.rglob("*.py"), key=lambda path: path.relative_to(package).parts):
        name = path.relative_to(package).as_posix()
        try:
            digest = hashlib.sha256(path.read_bytes()).digest()
        except OSError:
            # Of another length than a digest: nothing that can be read gives the same hash.
            digest = b"unreadable"
            unreadable.append(name)
        whole.update(name.encode(errors="surrogateescape") + b"\0")
        whole.update(digest)
    return whole.hexdigest(), unreadable


def was_edited(source: str) -> bool:
    """Whether the package on the disk is no longer the one with this `source_hash`."""
    return source_hash() != source


def git_state(package: Path = PACKAGE) -> GitState:
    """Commit, dirty flag and diff of the repository that tracks the package; see `GitState`."""
    top = next((folder for folder in package.parents if (folder / ".git").exists()), None)
    if top is None:
        return GitState()
    try:
        return _state(_Git(top), package)
    except UnreadError as error:
        return GitState(unread={"commit": str(error)})


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


def _state(git: _Git, package: Path) -> GitState:
    marker = (package / "__init__.py").relative_to(git.top).as_posix()
    # A folder around site-packages does not track what is in it.
    if git.ask("ls-files", "--error-unmatch", "--", marker, fine=(0, 1)).status == 1:
        return GitState()
    inside = package.relative_to(git.top).as_posix()
    watched = [inside, *(name for name in WATCHED if (git.top / name).exists())]
    report = git.ask(
        "status", "--porcelain=v2", "--branch", "--untracked-files=all", "-z", "--", *watched
    )
    commit, dirty, untracked = None, False, []
    for entry in report.output.decode(errors="surrogateescape").split("\0"):
        if entry.startswith("# branch.oid "):
            commit = entry.removeprefix("# branch.oid ")
        elif entry.startswith("? "):
            untracked.append(entry[2:])
        elif entry and not entry.startswith("#"):
            dirty = True
    if commit in (None, "(initial)"):
        return GitState()
    unread: dict[str, str] = {}
    address = diff = None
    try:
        remote = git.ask("config", "--get", "remote.origin.url", fine=(0, 1))
        address = public_address(remote.output.decode(errors="replace").strip())
    except UnreadError as error:
        unread["repository"] = str(error)
    if dirty or untracked:
        try:
            diff = _diff(git, watched, untracked)
        except UnreadError as error:
            unread["diff"] = str(error)
    return GitState(commit, dirty or bool(untracked), diff, address, unread)


# A patch that `git apply` takes, whatever the user's settings of `diff` are.
_PATCH = (
    *("diff", "--binary", "--no-ext-diff", "--no-textconv", "--no-color"),
    *("--unified=3", "--src-prefix=a/", "--dst-prefix=b/", "HEAD", "--"),
)


def _diff(git: _Git, watched: list[str], untracked: list[str]) -> bytes:
    if not untracked:
        return git.ask(*_PATCH, *watched).output
    # New files show in a diff once an index mentions them: a copy, so that the user's stays as is.
    place = git.ask("rev-parse", "--git-path", "index").output.decode().strip()
    with scratch_folder() as folder:
        index = folder / "index"
        try:
            _copy_index(git.top / place, index)
        except OSError as error:
            raise UnreadError(f"git's index cannot be read ({error.strerror or error})") from error
        names = "\0".join(untracked).encode(errors="surrogateescape")
        add = ("add", "--intent-to-add", "--pathspec-from-file=-", "--pathspec-file-nul")
        git.ask(*add, given=names, index=index)
        return git.ask(*_PATCH, *watched, index=index).output


def _copy_index(index: Path, copy: Path) -> None:
    """Copy git's index with its time.

    An entry as young as the index is compared by content, for its file may have changed since
    without another size or time. Beside a later time of the index every entry would be old enough
    to be believed, and such a change be missed.
    """
    # Before the bytes: of an index that is replaced meanwhile, the earlier time believes less.
    state = index.stat()
    shutil.copyfile(index, copy)
    os.utime(copy, ns=(state.st_atime_ns, state.st_mtime_ns))


class _Git:
    """Questions to git about one repository, all within `_SECONDS`."""

    def __init__(self, top: Path):
        self.top = top
        self._until = time.monotonic() + _SECONDS

    def ask(
        self,
        *arguments: str,
        given: bytes = b"",
        index: Path | None = None,
        fine: tuple[int, ...] = (0,),
    ) -> Answer:
        """The answer, whose status is one of `fine`. UnreadError otherwise."""
        # Without optional locks: jobs that start together must not quarrel over the user's index.
        # In the language whose words are looked for below.
        environment = {
            **os.environ,
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_LITERAL_PATHSPECS": "1",
            "LC_ALL": "C",
        }
        for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "LANGUAGE"):
            environment.pop(name, None)
        if index is not None:
            environment["GIT_INDEX_FILE"] = str(index)
        # No monitor of files: it would be one more program to wait for.
        command = ["git", "-c", "core.fsmonitor=false", "-C", str(self.top), *arguments]
        try:
            left = self._until - time.monotonic()
            answer = ask(command, left, given=given, environment=environment)
        except SlowError as error:
            raise UnreadError(f"git took longer than {_SECONDS:g} s") from error
        if answer.status in fine:
            return answer
        if b"dubious ownership" in answer.errors or b"unsafe repository" in answer.errors:
            raise UnreadError(_REFUSED)
        # Where the clone lies is nobody else's business: records travel in crates.
        raise UnreadError(f"git says {answer.complaint.replace(str(self.top), '.')!r}")
