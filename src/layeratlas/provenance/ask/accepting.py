"""Accepting results as they stand: `layeratlas accept TARGET --because "…"`."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import layeratlas
from layeratlas.errors import StoreError
from layeratlas.provenance.ask.expectations import Present
from layeratlas.provenance.ask.graph import files_of
from layeratlas.provenance.ask.lineage import job_facts
from layeratlas.provenance.ask.naming import find_files
from layeratlas.provenance.ask.tables import frame
from layeratlas.provenance.record.configuration import configuration
from layeratlas.provenance.record.stamps import dated, user_and_host
from layeratlas.provenance.store.index import open_index
from layeratlas.provenance.store.inside import given_file, inside
from layeratlas.provenance.store.reading import project_root
from layeratlas.storage.hashing import file_digest
from layeratlas.words import listed, named, quoted
from layeratlas.workflow.acceptances import (
    FOLDER,
    Acceptance,
    AcceptedJob,
    JobKey,
    job_key,
    write_acceptance,
)
from layeratlas.workflow.jobs import JOBS, NotAskedError

if TYPE_CHECKING:
    import pandas as pd

    from layeratlas.workflow.planning import Workflow
    from layeratlas.workflow.receipts import Receipts

COLUMNS = ("rule", "what", "reason", "changed", "record", "acceptance")
LONGEST = 2000
# What an acceptance can speak of: of these, result and what it was made from are known.
_DIFFERENCES = ("code", "settings", "inputs")
_WORDS = {
    "no_receipt": "it has no receipt, so nobody knows from what it was made",
    "results": "its files are not those that its job made (`layeratlas verify` says more)",
}


def accept(
    target: str | os.PathLike[str], because: str, root: str | os.PathLike[str] | None = None
) -> pd.DataFrame:
    """Record that changes since do not matter for a result, nor for what it was made from.

    `target` is a result on record, by path or hash. All its ancestors that would run again, because
    code, settings or inputs are not what they were, are accepted as they stand: the workflow makes
    none of them anew until something changes again, and `lineage` tells by whom, when and why.
    A DataFrame with a row a job: rule, what it works on, reason, what changed ({name: hash then and
    now}), id of the job's record and of the acceptance.

    StoreError where no reason is given, nothing on record fits, the bytes of the result or of an
    accepted ancestor are not those on record, or all is up to date.
    """
    words = " ".join(because.split())
    if not words or len(words) > LONGEST:
        raise StoreError(
            f"--because has {len(words)} characters: say in 1 to {LONGEST} why the change does not "
            "matter for this result; whoever reads its lineage will want to know."
        )
    folder = project_root(root, near=given_file(target))
    with open_index(folder) as db:
        node = find_files(db, target, folder)[0]
        if node.record is None:
            raise StoreError(f"{quoted(str(target))}: no job on record made it.")
        _refuse_another_code(folder)
        facts = job_facts(db, [node.record], brief=True)[node.record]
        preset = facts["preset"] or "laptop"
        place = inside(folder, node.path)
        if place is None or not place.is_file():
            raise StoreError(f"{named(node.path)} is not there: there is nothing to accept.")
        present = Present(folder)
        workflow, receipts = present.workflow(preset), present.receipts(preset)
        if workflow is None or receipts is None:
            raise StoreError(f"{named(folder)}: {present.problem}: nothing can be accepted by it.")
        recorded = _Recorded(db, folder, preset)
        jobs = [
            _accepted(recorded.of(rule, wildcards), workflow, receipts, rule, wildcards, reason)
            for rule, wildcards, reason in _differing(
                workflow, receipts, facts["rule"], facts["wildcards"]
            )
        ]
    if not jobs:
        raise StoreError(
            f"{quoted(str(target))} and all that it was made from are up to date: there is nothing "
            "to accept."
        )
    now = datetime.now(UTC)
    given = Acceptance(
        id=dated(now),
        given=now.isoformat(timespec="seconds"),
        by=user_and_host(),
        because=words,
        target=node.path,
        jobs=tuple(jobs),
    )
    write_acceptance(folder / "results" / preset / FOLDER, given)
    rows = [
        {
            "rule": job.rule,
            "what": " ".join(dict.fromkeys(job.wildcards.values())),
            "reason": job.reason,
            "changed": dict(job.changed),
            "record": job.record,
            "acceptance": given.id,
        }
        for job in jobs
    ]
    return frame(rows, COLUMNS)


def _refuse_another_code(folder: Path) -> None:
    """StoreError where the workflow of a project would run another package than this one."""
    own, here = folder / "src" / "layeratlas", Path(layeratlas.__file__).parent
    if (own / "__init__.py").is_file() and not own.samefile(here):
        raise StoreError(
            f"{named(folder)} has a layeratlas of its own, and this one is {named(here)}: what it "
            "would make of the results is another's answer. Run the project's own, as by "
            "`PYTHONPATH=src python -m layeratlas accept …` in its folder."
        )


def _differing(
    workflow: Workflow, receipts: Receipts, rule: str, wildcards: dict[str, str]
) -> Iterator[tuple[str, dict[str, str], str]]:
    """A job and those that it builds on, of which something is not as it was, and what; its own
    first."""
    todo, seen = [(rule, wildcards)], set[JobKey]()
    while todo:
        rule, wildcards = todo.pop()
        if job_key(rule, wildcards) in seen:
            continue
        seen.add(job_key(rule, wildcards))
        about = _name(rule, wildcards)
        if rule not in JOBS:
            raise StoreError(f"{about}: this version has no such rule.")
        reason = receipts.difference(rule, wildcards)
        try:
            upstream = JOBS[rule].upstream(workflow, wildcards)
            if reason is not None and receipts.acceptance(rule, wildcards) is None:
                if reason not in _DIFFERENCES:
                    raise StoreError(
                        f"{about} cannot be accepted: {_WORDS.get(reason, reason)}; make it again. "
                        f"What can be is a change of {listed(_DIFFERENCES)}."
                    )
                # Settings that ask for no such job differ too.
                receipts.situation(rule, wildcards)
                yield rule, dict(wildcards), reason
        except NotAskedError as error:
            raise StoreError(
                f"{about} cannot be accepted: nobody asks for it now ({error})."
            ) from error
        todo += [(other, dict(at)) for other, at in upstream]


def _accepted(
    record: sqlite3.Row,
    workflow: Workflow,
    receipts: Receipts,
    rule: str,
    wildcards: Mapping[str, str],
    reason: str,
) -> AcceptedJob:
    """A job, and the record of it, as it may stand."""
    now: dict[str, Any] = {name: workflow.param(rule, name, wildcards) for name in JOBS[rule].names}
    changed = {
        "code": (record["fingerprint"] or "", now["code"]),
        "settings": (record["configuration"], configuration(now).hash),
        **receipts.changed_inputs(rule, wildcards),
    }
    return AcceptedJob(
        rule=rule,
        wildcards=wildcards,
        record=record["id"],
        reason=reason,
        changed={name: (then, today) for name, (then, today) in changed.items() if then != today},
        situation=receipts.situation(rule, wildcards),
    )


class _Recorded:
    """The records of a preset, by job."""

    def __init__(self, db: sqlite3.Connection, root: Path, preset: str):
        self._db, self._root, self._preset = db, root, preset
        self._known: dict[str, dict[JobKey, list[sqlite3.Row]]] = {}

    def of(self, rule: str, wildcards: Mapping[str, str]) -> sqlite3.Row:
        """The last record of a job whose results are those that stand; what is gone is nobody's.

        StoreError where there is none.
        """
        rows = self._of_rule(rule).get(job_key(rule, wildcards), [])
        if not rows:
            raise StoreError(
                f"{_name(rule, wildcards)} cannot be accepted: no record tells how it was made; "
                "records are in provenance/, which should be copied with results/."
            )
        written = files_of(self._db, [row["record"] for row in rows], "out")
        wrong = [self._another(written.get(row["record"], ())) for row in rows]
        if None in wrong:
            return rows[wrong.index(None)]
        raise StoreError(
            f"{_name(rule, wildcards)} cannot be accepted: {named(wrong[0] or '')} is not what a "
            "job on record made (`layeratlas verify` says more)."
        )

    def _another(self, files: Iterable[sqlite3.Row]) -> str | None:
        """The first of the files that stands with other bytes."""
        for file in files:
            place = inside(self._root, file["path"])
            if place is not None and place.is_file() and file_digest(place) != file["digest"]:
                return file["path"]
        return None

    def _of_rule(self, rule: str) -> dict[JobKey, list[sqlite3.Row]]:
        if rule not in self._known:
            self._known[rule] = {}
            query = (
                "SELECT * FROM record WHERE rule = ? AND preset = ? AND status = 'ok' "
                "ORDER BY rank DESC"
            )
            for row in self._db.execute(query, (rule, self._preset)):
                key = job_key(rule, json.loads(row["wildcards"]))
                self._known[rule].setdefault(key, []).append(row)
        return self._known[rule]


def _name(rule: str, wildcards: Mapping[str, str]) -> str:
    return " ".join([rule, *dict.fromkeys(wildcards.values())])
