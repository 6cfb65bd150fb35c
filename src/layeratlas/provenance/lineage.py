"""What made this file: all its ancestors."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layeratlas.provenance.graph import Node, ancestors
from layeratlas.provenance.index import open_index, select_in
from layeratlas.provenance.naming import find_files
from layeratlas.provenance.reading import project_root
from layeratlas.provenance.settings import plain_settings

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "depth", "parent", "used_by", "path", "role", "size", "digest", "content_hash",
    "rule", "preset", "experiment", "figure", "wildcards", "dataset",
    "commit", "dirty", "source", "fingerprint", "script", "version", "diff",
    "configuration", "settings", "seeds", "environment", "python", "packages", "lock",
    "host", "user", "platform", "cpu", "gpu", "scheduler",
    "started", "ended", "wall_seconds", "cpu_seconds", "record",
)  # fmt: skip


def lineage(file: str | os.PathLike[str], root: str | os.PathLike[str] | None = None):
    """All ancestors of a file: figure ← cubes ← measurements ← shards ← data set.

    `file` is a path, a digest or a content hash; a figure may have been moved and renamed, and is
    recognised by its bytes, else by the cubes named inside it. A DataFrame with a row a file:

    - `depth` (0: the file itself), `parent` (row of the file that was made from it; the first of
      `used_by`, all such rows): the tree
    - `rule`, `wildcards`, `settings` (what the job was asked to do; `configuration` is their
      hash), `commit`, `dirty`, `source` (hash of the package that ran), `environment`, `host`,
      `started`, `wall_seconds`, …: the job that made it; None where no record says
    - `record`: id of the job's record

    StoreError when the file is unknown, or nothing on record fits.
    """
    folder = project_root(root, near=Path(file) if Path(file).exists() else None)
    with open_index(folder) as db:
        return _table(db, ancestors(db, find_files(db, file, folder)))


def _table(db: sqlite3.Connection, nodes: list[Node]) -> pd.DataFrame:
    import pandas as pd

    jobs = job_facts(db, (node.record for node in nodes if node.record is not None))
    rows = []
    for node in nodes:
        facts = {
            "depth": node.depth,
            "parent": node.used_by[0] if node.used_by else None,
            "used_by": node.used_by,
            "path": node.path,
            "role": node.role,
            "size": node.size,
            "digest": node.digest,
            "content_hash": node.content_hash,
            **jobs.get(node.record, {}),
        }
        rows.append([facts.get(name) for name in COLUMNS])
    table = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    return table.astype({"depth": int, "parent": "Int64", "size": "Int64", "wall_seconds": float})


def job_facts(db: sqlite3.Connection, records: Any) -> dict[int | None, dict[str, Any]]:
    """What the index knows of each job, by the names of `COLUMNS`."""
    query = (
        "SELECT record.*, configuration.value AS settings, environment.value AS setup FROM record "
        "LEFT JOIN configuration ON configuration.hash = record.configuration "
        "LEFT JOIN environment ON environment.hash = record.environment WHERE record IN ({})"
    )
    opened: dict[str, Any] = {}
    found: dict[int | None, dict[str, Any]] = {}
    for row in select_in(db, query, records):
        facts = dict(row)
        key = facts.pop("record")
        facts["record"] = facts.pop("id")
        facts["wildcards"] = json.loads(facts["wildcards"])
        facts["seeds"] = json.loads(facts["seeds"])
        facts["dirty"] = None if facts["dirty"] is None else bool(facts["dirty"])
        setup = json.loads(facts.pop("setup") or "{}")
        facts |= {name: setup.get(name) for name in ("python", "packages")}
        machine = json.loads(facts.pop("machine"))
        names = ("host", "user", "platform", "cpu", "gpu", "scheduler")
        facts |= {name: machine.get(name) for name in names}
        # The jobs of a shard share their settings: thousands of rows, few texts to parse.
        text = facts["settings"] or "{}"
        if text not in opened:
            opened[text] = plain_settings(json.loads(text))
        facts["settings"] = opened[text]
        found[key] = facts
    return found
