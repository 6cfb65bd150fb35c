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
    "changes_in_words",
    "check_acceptance",
    "in_words",
    "job_key",
    "read_acceptances",
    "told_of_records",
    "write_acceptance",
]

FOLDER = "accepted"
"""Of acceptances, in `results/<preset>/`."""

_SHOWN, _ON = 3, " on "
JobKey = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class AcceptedJob:
    """`record`: id of the record of the job as it ran; `reason`: why it would have run again;
    `changed`: {"code", "settings" or an input's path: (hash then, hash when this was accepted)};
    `situation`: hash of what it would be asked and read, and of its receipt, when it was."""

    rule: str
    wildcards: Mapping[str, str]
    record: str
    reason: str
    changed: Mapping[str, tuple[str, str]]
    situation: str


@dataclass(frozen=True)
class Acceptance:
    """`given`: ISO time in UTC; `by`: user "on" host; `because`: in the user's words."""

    id: str
    given: str
    by: str
    because: str
    target: str
    jobs: tuple[AcceptedJob, ...]


def job_key(rule: str, wildcards: Mapping[str, str]) -> JobKey:
    """What tells a job from others."""
    return rule, tuple(sorted(wildcards.items()))


def in_words(given: Acceptance, job: AcceptedJob, host: bool = True) -> str:
    """Who accepted what of a job, when and why: a sentence; without `host` not on which machine."""
    by = given.by if host else given.by.partition(_ON)[0]
    more = f" and {len(job.changed) - _SHOWN} more" if len(job.changed) > _SHOWN else ""
    when = given.given[:16].replace("T", " ")
    changed = changes_in_words(dict(list(job.changed.items())[:_SHOWN]))
    return f"accepted {when} by {by} ({changed}{more}): {given.because}"


def changes_in_words(changed: Mapping[str, tuple[str, str]]) -> str:
    """Of each, the beginnings of its hash then and now."""
    return "; ".join(f"{name} {then[:12]} → {now[:12]}" for name, (then, now) in changed.items())


def told_of_records(
    root: Path, presets: Iterable[str], host: bool = True
) -> dict[str, tuple[str, ...]]:
    """{id of a record: what was accepted of its job, a sentence each} of results in `root`."""
    found: dict[str, tuple[str, ...]] = {}
    for preset in sorted(set(presets)):
        for given in read_acceptances(root / "results" / preset / FOLDER):
            for job in given.jobs:
                found[job.record] = (*found.get(job.record, ()), in_words(given, job, host))
    return found


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
    return Acceptance(**texts, jobs=tuple(map(_job, jobs))), has_seal


def _job(value: Mapping[str, Any]) -> AcceptedJob:
    changed = {name: (then, now) for name, (then, now) in value["changed"].items()}
    return AcceptedJob(**{**value, "changed": changed})


def _is_job(value: Any) -> bool:
    if not isinstance(value, dict) or value.keys() != _names(AcceptedJob):
        return False
    wildcards, changed = value["wildcards"], value["changed"]
    return (
        isinstance(wildcards, dict)
        and _are_texts(wildcards.values())
        and isinstance(changed, dict)
        and all(isinstance(two, list) and len(two) == 2 for two in changed.values())
        and _are_texts(text for two in changed.values() for text in two)
        and _are_texts(value[name] for name in ("rule", "record", "reason", "situation"))
    )


def _are_texts(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


def _names(kind: Any) -> set[str]:
    return {field.name for field in fields(kind)}
