"""What made this file: all its ancestors."""

from __future__ import annotations

import functools
import json
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layeratlas.provenance.ask.graph import Node, ancestors
from layeratlas.provenance.ask.naming import find_files
from layeratlas.provenance.ask.tables import frame
from layeratlas.provenance.record.settings import plain_settings
from layeratlas.provenance.store.index import open_index, select_in
from layeratlas.provenance.store.inside import given_file
from layeratlas.provenance.store.reading import project_root
from layeratlas.workflow.acceptances import told_of_records

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "depth", "parent", "used_by", "path", "role", "size", "digest", "content_hash", "mark", "pages",
    "rule", "preset", "experiment", "figure", "wildcards", "dataset",
    "commit", "dirty", "source", "fingerprint", "script", "version", "diff", "kept", "users",
    "edited",
    "configuration", "settings", "seeds", "environment", "python", "packages", "variables", "lock",
    "host", "user", "platform", "cpu", "gpu", "device", "scheduler", "unread",
    "started", "ended", "wall_seconds", "cpu_seconds", "record", "accepted",
)  # fmt: skip


def lineage(
    file: str | os.PathLike[str], root: str | os.PathLike[str] | None = None
) -> pd.DataFrame:
    """All ancestors of a file: figure ← cubes ← measurements ← shards ← data set.

    `file` is a path, a digest, a content hash, or the mark that a figure shows ("Layer Atlas
    3f9a2c7"). A figure may have been moved and renamed, and is recognised by its bytes, else by the
    identity inside it; a document into which figures were put stands above those that it carries.
    A DataFrame with a row a file:

    - `depth` (0: the file itself), `parent` (row of the file that was made from it; the first of
      `used_by`, all such rows): the tree
    - `rule`, `wildcards`, `settings` (what the job was asked to do; `configuration` is their
      hash), `commit`, `dirty`, `source` (hash of the package that ran), `environment`, `host`,
      `started`, `wall_seconds`, …: the job that made it; None where no record says
    - `mark`: of a figure, the hash whose beginning it shows; `pages`: of a figure in the document
      that was asked for, its pages there, from 1; () where that cannot be told
    - `unread`: what the job could not find out about its code, environment or machine, {name: why};
      None where it could
    - `record`: id of the job's record
    - `accepted`: what was accepted of the job since (`layeratlas accept`), a sentence each

    StoreError when the file is unknown, or nothing on record fits.
    """
    folder = project_root(root, near=given_file(file))
    with open_index(folder) as db:
        return _table(db, ancestors(db, find_files(db, file, folder)), folder)


def _table(db: sqlite3.Connection, nodes: list[Node], root: Path) -> pd.DataFrame:
    jobs = job_facts(db, (node.record for node in nodes if node.record is not None))
    rows = [
        {
            "depth": node.depth,
            "parent": node.used_by[0] if node.used_by else None,
            "used_by": node.used_by,
            "path": node.path,
            "role": node.role,
            "size": node.size,
            "digest": node.digest or None,
            "content_hash": node.content_hash,
            "mark": node.mark,
            "pages": node.pages,
            **jobs.get(node.record, {}),
        }
        for node in nodes
    ]
    presets = [row["preset"] for row in rows if row.get("preset")]
    accepted = told_of_records(root, presets)
    for row in rows:
        row["accepted"] = accepted.get(str(row.get("record")), ())
    return frame(rows, COLUMNS, depth=int, parent="Int64", size="Int64", wall_seconds=float)


def job_facts(
    db: sqlite3.Connection, records: Any, brief: bool = False
) -> dict[int | None, dict[str, Any]]:
    """What the index knows of each job, by the names of `COLUMNS`.

    `brief` leaves out what has to be parsed: settings, environment, machine, seeds.
    """
    if brief:
        rows = select_in(db, "SELECT * FROM record WHERE record IN ({})", records)
        return {row["record"]: _plain_facts(row) for row in rows}
    query = (
        "SELECT record.*, asked.value AS settings_text, around.value AS setup_text FROM record "
        "JOIN text AS asked ON asked.number = record.settings "
        "JOIN text AS around ON around.number = record.setup WHERE record IN ({})"
    )
    found: dict[int | None, dict[str, Any]] = {}
    for row in select_in(db, query, records):
        facts = _plain_facts(row)
        facts["seeds"] = json.loads(facts["seeds"])
        setup = _opened(facts.pop("setup_text"))
        facts |= {name: setup.get(name) for name in ("python", "packages", "variables")}
        machine = _opened(facts.pop("machine"))
        names = ("host", "user", "platform", "cpu", "gpu", "device", "scheduler")
        facts |= {name: machine.get(name) for name in names}
        facts["settings"] = plain_settings(_opened(facts.pop("settings_text")))
        found[row["record"]] = facts
    return found


def _plain_facts(row: sqlite3.Row) -> dict[str, Any]:
    facts = dict(row)
    facts["record"] = facts.pop("id")
    facts["wildcards"] = json.loads(facts["wildcards"])
    facts["dirty"] = None if facts["dirty"] is None else bool(facts["dirty"])
    facts["edited"] = bool(facts["edited"])
    facts["unread"] = None if facts["unread"] is None else json.loads(facts["unread"])
    return facts


@functools.lru_cache(maxsize=1024)
def _opened(text: str) -> Any:
    """Parsed JSON; many jobs share one text. Nobody changes what comes out of here."""
    return json.loads(text)
