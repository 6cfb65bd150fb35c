"""Where code without a repository came from: what a crate says of the code that it holds.

A crate that was unpacked has no git to ask. `crate.json` beside its Snakefile says which commit the
code is of, and its hash; so records made there tell where the code came from, as long as it is that
code.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from layeratlas.bounded.documents import read_json
from layeratlas.errors import UnreadableError
from layeratlas.provenance.record.code_archive import code_archive
from layeratlas.provenance.record.source import PACKAGE, GitState, public_address

NAME = "crate.json"
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NO_HISTORY = "the code came in a crate, which has no history to compare with"
_EDITED = f"{_NO_HISTORY}; it was edited since"


@dataclass(frozen=True)
class Origin:
    """`code`: sha256 of the `code_archive`; `dirty`, `commit`, `repository` as of a `GitState`;
    `targets`: what `snakemake` alone makes in the crate."""

    code: str
    commit: str | None
    dirty: bool | None
    repository: str | None
    targets: tuple[str, ...]

    def content(self) -> bytes:
        """The file."""
        return f"{json.dumps(asdict(self), indent=1, sort_keys=True)}\n".encode()


def read_origin(base: Path) -> Origin | None:
    """What a crate unpacked in the folder `base` says; None where it is no crate, or says nothing
    that can be read."""
    try:
        document = read_json(base / NAME)
    except UnreadableError:
        return None
    if not isinstance(document, dict) or document.keys() != Origin.__dataclass_fields__.keys():
        return None
    targets = document.pop("targets")
    if not (isinstance(targets, list) and all(isinstance(target, str) for target in targets)):
        return None
    commit, address = document["commit"], document["repository"]
    if not (
        isinstance(document["code"], str)
        and (commit is None or (isinstance(commit, str) and _COMMIT.fullmatch(commit)))
        and isinstance(document["dirty"], bool | None)
        and (address is None or (isinstance(address, str) and public_address(address) == address))
    ):
        return None
    return Origin(**document, targets=tuple(targets))


def code_digest(base: Path, package: Path) -> str:
    """sha256 of all code that runs from a folder: package, Snakefile, rules and scripts."""
    return hashlib.sha256(code_archive(base, package)).hexdigest()


def state_of_crate(package: Path = PACKAGE) -> GitState | None:
    """What the crate that holds the package says in place of git; None where none does.

    Of changes, its authors' or later ones, nobody can tell which: then `unread` says so.
    """
    base = package.parents[1]
    origin = read_origin(base)
    if origin is None or origin.commit is None:
        return None
    edited = code_digest(base, package) != origin.code
    unread = {"diff": _EDITED if edited else _NO_HISTORY} if edited or origin.dirty else {}
    dirty = True if edited else origin.dirty
    return GitState(origin.commit, dirty, None, origin.repository, unread)
