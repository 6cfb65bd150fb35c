"""What was made from this: all that is downstream of data, a file, code or an environment."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from layeratlas.errors import StoreError
from layeratlas.provenance.ask.graph import descendants, files_of
from layeratlas.provenance.ask.lineage import job_facts
from layeratlas.provenance.ask.naming import complete_hash, find_files
from layeratlas.provenance.ask.tables import frame
from layeratlas.provenance.ask.versions import known_names, recorded_versions
from layeratlas.provenance.store.index import open_index
from layeratlas.provenance.store.inside import given_file
from layeratlas.provenance.store.objects import is_hash
from layeratlas.provenance.store.reading import project_root
from layeratlas.words import listed, named, quoted

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "depth", "parent", "path", "role", "size", "digest", "content_hash", "rule", "preset",
    "experiment", "figure", "wildcards", "commit", "dirty", "source", "environment",
    "configuration", "started", "wall_seconds", "record",
)  # fmt: skip

# Column → what it is called in an answer.
_CODE = {
    "source": "package source",
    "fingerprint": "code fingerprint",
    "script": "script",
    '"commit"': "commit",
    "diff": "uncommitted changes",
}
_ENVIRONMENT = {"environment": "environment", "lock": "lock file"}


@dataclass(frozen=True)
class _Start:
    """Where to start from: jobs (depth 0) or contents of files (their readers have depth 1)."""

    kind: str
    records: tuple[int, ...] = ()
    identities: tuple[str, ...] = ()


def dependents(
    what: str | os.PathLike[str], root: str | os.PathLike[str] | None = None
) -> pd.DataFrame:
    """Everything that finished jobs made from `what`, one row a file.

    `what` is one of: a data set (`mnist_5k`, or the key of its recipe), a cube by name, a file or
    its path on record, a digest or content hash, a hash of code or a commit, a hash of an
    environment (hashes: six digits or more). `depth` counts the steps from it: files that the code
    or environment itself made, and the data set's own files, have 0. `parent` is the record of the
    job whose output was used. `attrs["kind"]` says as what `what` was understood.

    StoreError when `what` is unknown or could mean several things.
    """
    folder = project_root(root, near=given_file(what))
    with open_index(folder) as db:
        start = _find(db, what, folder)
        found = descendants(db, start.records, start.identities)
        outputs = files_of(db, found, "out")
        facts = job_facts(db, found, brief=True)
    rows = []
    for record, (depth, parent) in found.items():
        job = facts[record]
        used = facts[parent]["record"] if parent in facts else None
        for file in outputs.get(record, ()):
            own = {"depth": depth, "parent": used}
            own |= {n: file[n] for n in ("path", "role", "size", "digest", "content_hash")}
            rows.append(job | own)
    table = frame(rows, COLUMNS, depth=int, size="Int64", wall_seconds=float)
    table = table.sort_values(["depth", "rule", "path", "started"], ignore_index=True)
    table.attrs["kind"] = start.kind
    return table


def _find(db: sqlite3.Connection, what: str | os.PathLike[str], root: Path) -> _Start:
    text = str(what)
    if given_file(what, root) is not None:
        nodes = find_files(db, what, root)
        return _Start("file", identities=tuple(node.identity for node in nodes[:1]))
    for find in (_dataset, _named_cube, _key, _hash):
        if start := find(db, text, root):
            return start
    if not is_hash(text):
        # A path on record whose file has gone; the error says so for anything else.
        try:
            nodes = find_files(db, what, root)
        except StoreError:
            sources = [r[0] for r in db.execute("SELECT DISTINCT dataset FROM record") if r[0]]
            raise StoreError(
                f"{quoted(text, 60)} is no data set, cube, file, hash of code or environment on "
                f"record in {named(root, 60)}; data sets: {listed(sorted(sources), 60) or 'none'}; "
                f"cubes: {listed(sorted(known_names(db)), 60) or 'none'}."
            ) from None
        return _Start("file", identities=tuple(node.identity for node in nodes))
    raise StoreError(f"nothing on record in {named(root)} has a hash that begins with {text}.")


def _dataset(db: sqlite3.Connection, name: str, root: Path) -> _Start | None:
    rows = db.execute(
        "SELECT record, rule FROM record WHERE dataset = ? AND status = 'ok'", (name,)
    ).fetchall()
    # Where nobody recorded the preparation, what used the data set stands for it.
    prepared = tuple(row["record"] for row in rows if row["rule"] == "prepare_dataset")
    records = prepared or tuple(row["record"] for row in rows)
    return _Start("data set", records) if records else None


def _named_cube(db: sqlite3.Connection, name: str, root: Path) -> _Start | None:
    versions = recorded_versions(db, name)
    identities = tuple(dict.fromkeys(v["content_hash"] or v["digest"] for v in versions))
    return _Start("cube", identities=identities) if versions else None


def _key(db: sqlite3.Connection, key: str, root: Path) -> _Start | None:
    if len(key) != 16 or not is_hash(key):
        return None
    rows = db.execute(
        "SELECT record FROM record WHERE rule = 'prepare_dataset' AND status = 'ok' "
        "AND json_extract(wildcards, '$.key') = ?",
        (key,),
    ).fetchall()
    return _Start("data set", tuple(row[0] for row in rows)) if rows else None


def _hash(db: sqlite3.Connection, prefix: str, root: Path) -> _Start | None:
    if not is_hash(prefix):
        return None
    meant: dict[tuple[str, str], _Start] = {}
    for value in complete_hash(db, prefix):
        meant["file", value] = _Start("file", identities=_identities(db, value))
    for column, kind in (_CODE | _ENVIRONMENT).items():
        rows = db.execute(
            f"SELECT {column} AS value, record FROM record WHERE status = 'ok' AND {column} "
            "BETWEEN ? AND ?",
            (prefix, prefix + "g"),
        ).fetchall()
        for value in {row["value"] for row in rows}:
            records = tuple(row["record"] for row in rows if row["value"] == value)
            meant[kind, value] = _Start(kind, records)
    if len({value for _, value in meant}) > 1:
        kinds = listed(f"{kind} {value[:12]}" for kind, value in meant)
        raise StoreError(f"{prefix} could mean {kinds}: give more digits.")
    return next(iter(meant.values()), None)


def _identities(db: sqlite3.Connection, value: str) -> tuple[str, ...]:
    rows = db.execute(
        "SELECT DISTINCT identity FROM file WHERE digest = ? OR content_hash = ?", (value, value)
    )
    return tuple(row[0] for row in rows)
