"""Which results would come out differently today, or cannot be made again at all."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from layeratlas.errors import ConfigError, StoreError
from layeratlas.provenance.ask.expectations import Present
from layeratlas.provenance.ask.graph import files_of
from layeratlas.provenance.ask.lineage import job_facts
from layeratlas.provenance.ask.tables import frame
from layeratlas.provenance.record.own_work import RULE, SCRIPTS
from layeratlas.provenance.record.settings import differing
from layeratlas.provenance.store.freed import freed
from layeratlas.provenance.store.index import open_index
from layeratlas.provenance.store.inside import inside
from layeratlas.provenance.store.reading import project_root
from layeratlas.storage.hashing import file_digest
from layeratlas.storage.manifest import SUFFIX, read_manifest
from layeratlas.workflow.acceptances import in_words
from layeratlas.workflow.jobs import JOBS

ACCEPTED = "accepted"
"""Kind of what somebody has said does not matter: told, but no result is stale for it."""

COLUMNS = (
    "path", "kind", "reason", "rule", "preset", "experiment", "figure", "commit", "dirty",
    "started", "record",
)  # fmt: skip
_SHOWN = 3
# What of the code that ran is not known, by the names of a record's `unread`.
_CODE = {
    "commit": "commit and uncommitted changes of its code",
    "diff": "uncommitted changes of its code",
    "source": "a module of its code",
    "script": "its script",
}
# Kinds that tell of how a result was made, not of what would come out today, or does not matter.
_PAST = ("uncommitted", "unknown_code", ACCEPTED)
# Kinds that somebody may say do not matter (`layeratlas accept`).
_ACCEPTABLE = ("code", "configuration", "data")


def stale(root: str | os.PathLike[str] | None = None, preset: str | None = None):
    """Results that the present code, configuration or data would not reproduce.

    A DataFrame with a row a reason; `path` is the result, `reason` says it in words, `kind` is

    - `code`: the rule's script, or a module that it uses, has changed since; of one's own work
      (`layeratlas record`), a file of its code
    - `configuration`: the rule would get other settings now, or would not run
    - `data`: an input is not what it was
    - `gone`: an input no longer exists
    - `uncommitted`: made from code that is in no commit
    - `unknown_code`: the job could not find out which commit, or which changes, it ran
    - `changed`: the result's bytes are not those its job wrote
    - `receipt`: it would come out the same, but for want of its receipt it would be made again
    - `ancestor`: made from a result that is stale for another reason than `uncommitted` and
      `unknown_code`
    - `unchecked`: the present configuration could not be read
    - `accepted`: code, configuration or data are others, and somebody said that it does not matter
      (`layeratlas accept`): who, when and why; no result is stale for it

    Results are the files on disk; of each the job that wrote it last counts. Empty: everything that
    is there would come out the same.
    """
    return stale_against(Present(project_root(root)), preset)


def stale_against(present: Present, preset: str | None = None):
    """The same, of the project that `present` is of, which may have been read before."""
    folder = present.root
    with open_index(folder) as db:
        latest = _latest(db, folder, preset)
        records = set(latest.values())
        facts, inputs = job_facts(db, records), files_of(db, records, "in")
        outputs = files_of(db, records, "out")
    check = _Check(present)
    reasons: dict[str, list[tuple[str, str]]] = {}
    for path, record in latest.items():
        written = next(file for file in outputs[record] if file["path"] == path)
        found = [*check.job(facts[record]), *check.inputs(inputs.get(record, ()))]
        rest = [(kind, reason) for kind, reason in found if kind not in _ACCEPTABLE]
        if len(rest) < len(found) and (sentence := check.accepted(facts[record])):
            found = [*rest, (ACCEPTED, sentence)]
        reasons[path] = [*found, *check.output(written)]
    _inherit(reasons, {p: [f["path"] for f in inputs.get(r, ())] for p, r in latest.items()})
    rows = []
    for path in sorted(reasons):
        job = facts[latest[path]]
        for kind, reason in reasons[path]:
            rows.append(job | {"path": path, "kind": kind, "reason": reason})
    return frame(rows, COLUMNS)


def _latest(db: sqlite3.Connection, root: Path, preset: str | None) -> dict[str, int]:
    """{path: the finished job that wrote it last}, for files that are there or were given up."""
    rows = db.execute(
        "SELECT path, record.record, record.preset FROM file JOIN record USING (record) "
        "WHERE direction = 'out' AND status = 'ok' ORDER BY rank"
    )
    found = {path: record for path, record, of in rows if preset in (None, of)}
    given_up = freed(root)
    return {
        path: record
        for path, record in found.items()
        if (place := inside(root, path)) and (place.is_file() or path in given_up)
    }


class _Check:
    def __init__(self, present: Present):
        root = present.root
        self._root, self._present = root, present
        self._states: dict[str, tuple[str | None, str | None]] = {}
        self._freed = freed(root)

    def job(self, job: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """Reasons that lie in code and configuration."""
        if job["dirty"]:
            commit = (job["commit"] or "no commit")[:12]
            kept = "; the changes are kept" if job["diff"] else ""
            yield "uncommitted", f"made from uncommitted changes to {commit}{kept}"
        unread = job["unread"] or {}
        for name, what in _CODE.items():
            if name in unread:
                kept = "; the code itself is kept" if job["kept"] else ""
                yield "unknown_code", f"{what} could not be read: {unread[name]}{kept}"
        if job["edited"]:
            yield "uncommitted", "the code was edited while the job ran: it is not known what ran"
        if job["rule"] == RULE:
            yield from self._scripts(job["settings"].get(SCRIPTS))
            return
        try:
            params = self._present.params(job)
        except ConfigError as error:
            yield "configuration", f"would not be made now: {error}"
            return
        if params is None:
            if self._present.problem:
                yield "unchecked", f"configuration not compared: {self._present.problem}"
            return
        code = params["code"]
        if job["fingerprint"] and job["fingerprint"] != code:
            yield (
                "code",
                f"the code that {job['rule']} uses has changed since "
                f"({job['fingerprint'][:12]} then, {code[:12]} now)",
            )
        now = {name: value for name, value in params.items() if name != "code"}
        then = {name: value for name, value in job["settings"].items() if name in now}
        if changes := differing(then, now):
            yield "configuration", f"settings have changed since: {_words(changes)}"
        elif not self._present.has_receipt(job):
            yield "receipt", "its receipt is not there, so that the workflow would make it again"

    def _scripts(self, then: Any) -> Iterator[tuple[str, str]]:
        """Reasons that lie in the code of somebody's own work, by what its record says of it."""
        for path, digest in then.items() if isinstance(then, dict) else ():
            digest, place = str(digest), inside(self._root, path)
            if place is None:
                continue
            now = file_digest(place) if place.is_file() else None
            if now is None:
                yield "code", f"its script {path} is gone; it is kept with the record"
            elif now != digest:
                yield (
                    "code",
                    f"its script {path} has changed since ({digest[:12]} then, {now[:12]} now)",
                )

    def accepted(self, job: dict[str, Any]) -> str | None:
        """Who has said, when and why, that what differs does not matter; None where nobody has."""
        receipts = self._present.receipts(job["preset"]) if job["rule"] in JOBS else None
        if receipts is None:
            return None
        found = receipts.acceptance(job["rule"], job["wildcards"])
        return None if found is None else in_words(*found)

    def inputs(self, files: Iterable[sqlite3.Row]) -> Iterator[tuple[str, str]]:
        """Reasons that lie in the files it was made from."""
        for file in files:
            if inside(self._root, file["path"]) is None:
                continue  # told by `lineage`, but not opened
            digest, content = self._state(file["path"], file["size"], file["digest"])
            if digest is None and self._freed.get(file["path"]) == file["digest"]:
                continue
            if digest is None:
                stored = self._root / "store" / "objects" / f"{file['digest']}{SUFFIX}"
                kept = "; its version is kept in the object store" if stored.is_file() else ""
                yield "gone", f"input {file['path']} no longer exists{kept}"
            elif (content or digest) != file["identity"] and digest != file["digest"]:
                yield "data", f"input {file['path']} is not what it was"

    def output(self, file: sqlite3.Row) -> Iterator[tuple[str, str]]:
        """Whether the result still is what its job wrote."""
        digest, content = self._state(file["path"], file["size"], file["digest"])
        if digest is None and self._freed.get(file["path"]) == file["digest"]:
            return
        if digest != file["digest"] and (content is None or content != file["content_hash"]):
            yield "changed", "was changed after it was made: `layeratlas verify` says more"

    def _state(self, path: str, size: int, digest: str) -> tuple[str | None, str | None]:
        """(digest, content hash) of a file as it is now; (None, None) when it is gone.

        Archives answer by their manifest: reading gigabytes again is the task of `verify`.
        """
        if path not in self._states:
            place = self._root / path
            state: tuple[str | None, str | None] = (None, None)
            try:
                if place.is_file() and place.name.endswith(SUFFIX):
                    manifest = read_manifest(place)
                    state = (manifest.digest, manifest.content_hash)
                    if place.stat().st_size != manifest.size:
                        state = (file_digest(place), None)
                elif place.is_file():
                    state = (file_digest(place), None)
            except StoreError:
                state = (file_digest(place), None)
            self._states[path] = state
        return self._states[path]


def _words(changes: dict[str, tuple[Any, Any]]) -> str:
    shown = [f"{n} {_short(a)} → {_short(b)}" for n, (a, b) in list(changes.items())[:_SHOWN]]
    more = len(changes) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more else "")


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= 40:
        return text
    return f"({len(value)} entries)" if isinstance(value, list) else f"{text[:37]}…"


def _inherit(reasons: dict[str, list[tuple[str, str]]], made_from: dict[str, list[str]]) -> None:
    """Add `ancestor` to what was made, at any distance, from a stale result."""
    # That nobody can get the code of an ancestor again is said there; it does not change what the
    # present code would make.
    ill = {p for p, found in reasons.items() if any(kind not in _PAST for kind, _ in found)}
    fresh = set(ill)
    while fresh:
        following = set()
        for path, sources in made_from.items():
            causes = [source for source in sources if source in fresh and source != path]
            if not causes:
                continue
            more = f" and {len(causes) - 1} more" if len(causes) > 1 else ""
            if not any(kind == "ancestor" for kind, _ in reasons[path]):
                reasons[path].append(("ancestor", f"made from stale {causes[0]}{more}"))
            if path not in ill:
                ill.add(path)
                following.add(path)
        fresh = following
