"""Acceptances: what somebody has said does not matter for results that stand.

A receipt says what a job was asked, read and made; where that is not what the job would be asked
and read today, it runs again. An acceptance says that it need not: that this very difference does
not matter for this very result. It holds as long as both stay as they were when it was given; of a
further change, or of a result that was made anew, it says nothing. Receipts and records stay as
they are. `layeratlas accept` gives one for a result and all that it was made from, in one file,
`results/<preset>/accepted/<id>.json`, which travels with the results and is told by `lineage`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from layeratlas.bounded.documents import read_json
from layeratlas.bounded.seals import SEAL, check_seal, sealed
from layeratlas.errors import UnreadableError

__all__ = [
    "FOLDER",
    "Acceptance",
    "AcceptedJob",
    "check_acceptance",
    "job_key",
    "read_acceptances",
    "write_acceptance",
]

FOLDER = "accepted"
"""Of acceptances, in `results/<preset>/`."""

JobKey = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class AcceptedJob:
    """`reason`: why it would have run again; `situation`: hash of what it would be asked and read,
    and of its receipt, when this was accepted."""

    rule: str
    wildcards: Mapping[str, str]
    reason: str
    situation: str


@dataclass(frozen=True)
class Acceptance:
    """`given`: ISO time in UTC; `by`: user and host; `because`: in the user's words."""

    id: str
    given: str
    by: str
    because: str
    target: str
    jobs: tuple[AcceptedJob, ...]


def job_key(rule: str, wildcards: Mapping[str, str]) -> JobKey:
    """What tells a job from others."""
    return rule, tuple(sorted(wildcards.items()))


def write_acceptance(folder: Path, given: Acceptance) -> Path:
    """Leave one in the folder of a preset's acceptances. StoreError when it cannot be written."""
    from layeratlas.storage.atomic import write_json_atomic

    path = folder / f"{given.id}.json"
    write_json_atomic(path, sealed(asdict(given)))
    return path


def read_acceptances(folder: Path) -> list[Acceptance]:
    """All in a folder, in the order in which they were given; a file that is not what was written
    accepts nothing, and `layeratlas verify` names it."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(_read(path)[0])
        except UnreadableError:
            continue
    return found


def check_acceptance(path: str | os.PathLike[str]) -> bool:
    """Whether an acceptance is sealed. UnreadableError where the file is none."""
    return _read(path)[1]


def _read(path: str | os.PathLike[str]) -> tuple[Acceptance, bool]:
    document = read_json(path)
    if not isinstance(document, dict) or document.keys() - {SEAL} != _names(Acceptance):
        raise UnreadableError(path, "is no acceptance")
    has_seal = check_seal(document, path)
    jobs = document["jobs"]
    if (
        not isinstance(jobs, list)
        or not all(map(_is_job, jobs))
        or not _are_texts(value for name, value in document.items() if name not in ("jobs", SEAL))
    ):
        raise UnreadableError(path, "is no acceptance")
    texts = {name: document[name] for name in _names(Acceptance) - {"jobs"}}
    return Acceptance(**texts, jobs=tuple(AcceptedJob(**job) for job in jobs)), has_seal


def _is_job(value: Any) -> bool:
    if not isinstance(value, dict) or value.keys() != _names(AcceptedJob):
        return False
    wildcards = value["wildcards"]
    rest = (text for name, text in value.items() if name != "wildcards")
    return isinstance(wildcards, dict) and _are_texts(wildcards.values()) and _are_texts(rest)


def _are_texts(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


def _names(kind: Any) -> set[str]:
    return {field.name for field in fields(kind)}
