"""Small JSON files that the project keeps for itself, each of a kind that checks its own.

A kind names a function `check(path, project) -> bool`: whether the file has a seal. It raises
StoreError, best UnreadableError, in one sentence for a file that is not what was written, or whose
hashes do not fit what they stand for. It opens nothing outside `project`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from layeratlas.errors import StoreError
from layeratlas.provenance.store.checks.finding import DAMAGED, OK, UNSEALED, Finding


class Kind(NamedTuple):
    """A kind of file, where such files lie in a project, and who checks one: `module:function`."""

    name: str
    patterns: tuple[str, ...]
    check: str


# A new kind of kept file is one line here. Records, files and objects have modules of their own.
_RESULTS = "layeratlas.workflow.checks"
_OF_SHARDS = ("shards", "probes", "simulations")
KINDS = (
    Kind("pins", ("store/pins.json",), "layeratlas.provenance.store.pins:check_pins"),
    Kind("freed weights", ("store/freed/*.json",), "layeratlas.provenance.store.freed:check_freed"),
    Kind(
        "plan",
        tuple(f"results/*/{folder}/*/*.plan.json" for folder in _OF_SHARDS),
        f"{_RESULTS}:check_shard_plan",
    ),
    Kind(
        "claims",
        ("results/*/claims/*.json", "figures/*.claims.json"),
        f"{_RESULTS}:check_claims",
    ),
    Kind(
        "receipt",
        ("results/*/receipts/**/*.json", "results/receipts/**/*.json"),
        f"{_RESULTS}:check_receipt",
    ),
    Kind("acceptance", ("results/*/accepted/*.json",), f"{_RESULTS}:check_acceptance"),
    Kind(
        "shard",
        tuple(f"results/*/{folder}/*/*.zarr.zip" for folder in (*_OF_SHARDS, "measurements")),
        f"{_RESULTS}:check_shard",
    ),
    Kind("cube", ("results/*/cubes/*.zarr.zip",), f"{_RESULTS}:check_cube"),
)


def check_kept(project: Path) -> Iterator[Finding]:
    """Every file of a kind, in the order of the table."""
    for kind in KINDS:
        found = {path for pattern in kind.patterns for path in project.glob(pattern)}
        for path in sorted(found):
            if path.is_file() and not path.name.startswith("."):
                yield _check(kind, path, project)


def check_if_kept(path: str, project: Path) -> Finding | None:
    """The file `path`, relative to the project, if it is of one of the kinds."""
    for kind in KINDS:
        if any(fnmatchcase(path, pattern) for pattern in kind.patterns):
            return _check(kind, project / path, project)
    return None


def _check(kind: Kind, path: Path, project: Path) -> Finding:
    name = path.relative_to(project).as_posix()
    try:
        if _function(kind.check)(path, project):
            return Finding(name, kind.name, OK)
    except StoreError as error:
        return Finding(name, kind.name, DAMAGED, str(error))
    problem = f"{name} has no seal: it is older than seals are, or its seal was taken away."
    return Finding(name, kind.name, UNSEALED, problem)


def _function(entry: str) -> Callable[[Path, Path], bool]:
    module, name = entry.split(":")
    return getattr(import_module(module), name)
