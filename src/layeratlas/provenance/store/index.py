"""The SQLite index over the records: derived, never the truth.

Every query first brings the index up to date: record files that are new or changed are read, those
that are gone are dropped. So an index that was deleted, damaged, interrupted or made by another
version gives the same answers after one slower start. One process writes at a time; where
nothing can be written (a read-only disk) the same index is made in memory.
"""

from __future__ import annotations

import json
import os
import sqlite3
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from layeratlas.errors import StoreError
from layeratlas.provenance.record.places import RECORDS
from layeratlas.provenance.record.schema import Record
from layeratlas.provenance.record.settings import plain_settings
from layeratlas.provenance.store.reading import (
    RecordWarning,
    project_root,
    read_record,
    record_files,
)

INDEX = Path("provenance") / "index.sqlite"
INDEX_VERSION = 1
LOCK_TIMEOUT = 60.0
_BATCH = 500

_TABLES = """
CREATE TABLE seen (name TEXT PRIMARY KEY, size INTEGER, changed INTEGER, problem TEXT);
CREATE TABLE record (
    record INTEGER PRIMARY KEY, name TEXT UNIQUE, id TEXT, rule TEXT, wildcards TEXT,
    preset TEXT, experiment TEXT, figure TEXT, dataset TEXT, status TEXT, error TEXT,
    started TEXT, ended TEXT, wall_seconds REAL, cpu_seconds REAL, peak_memory_bytes INTEGER,
    source TEXT, fingerprint TEXT, script TEXT, version TEXT, "commit" TEXT, dirty INTEGER,
    diff TEXT, edited INTEGER, environment TEXT, lock TEXT, configuration TEXT, machine TEXT,
    seeds TEXT, settings INTEGER, setup INTEGER
);
CREATE TABLE file (
    record INTEGER, direction TEXT, position INTEGER, path TEXT, role TEXT, digest TEXT,
    size INTEGER, content_hash TEXT, identity TEXT
);
CREATE TABLE text (number INTEGER PRIMARY KEY, value TEXT UNIQUE);
CREATE INDEX file_identity ON file (identity, direction);
CREATE INDEX file_digest ON file (digest);
CREATE INDEX file_content ON file (content_hash);
CREATE INDEX file_path ON file (path, direction);
CREATE INDEX file_record ON file (record, direction);
CREATE INDEX record_source ON record (source);
CREATE INDEX record_dataset ON record (dataset, rule);
"""


@contextmanager
def open_index(root: str | os.PathLike[str] | None = None) -> Iterator[sqlite3.Connection]:
    """A connection to the up-to-date index of a store; rows are `sqlite3.Row`.

    Gives a RecordWarning for each record file that could not be used.
    """
    folder = project_root(root)
    with closing(_connect(folder)) as db:
        db.row_factory = sqlite3.Row
        rows = db.execute("SELECT problem FROM seen WHERE problem IS NOT NULL ORDER BY name")
        for (problem,) in rows.fetchall():
            warnings.warn(problem, RecordWarning, stacklevel=4)
        try:
            yield db
        except sqlite3.DatabaseError as error:
            if type(error) is not sqlite3.DatabaseError:
                raise
            # A damaged page shows only when it is read, too late to start the question again.
            with suppress(OSError):
                (folder / INDEX).unlink(missing_ok=True)
            raise StoreError(
                f"{folder / INDEX} was damaged ({error}) and has been removed: ask again, it will "
                "be made anew from the records."
            ) from error


def _connect(root: Path) -> sqlite3.Connection:
    path = root / INDEX
    with suppress(sqlite3.Error, OSError):
        db = _read_only(path)
        try:
            if _is_current(db, root):
                return db
        except BaseException:
            db.close()
            raise
        db.close()
    try:
        if not (root / RECORDS).is_dir():
            raise OSError("nothing to index")
        with FileLock(path.with_name(".index.lock"), timeout=LOCK_TIMEOUT):
            return _written(path, root)
    except (OSError, Timeout, NotImplementedError, sqlite3.Error):
        return _in_memory(path, root)


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=LOCK_TIMEOUT)


def _written(path: Path, root: Path) -> sqlite3.Connection:
    """The index on disk, brought up to date; made anew when SQLite finds it damaged."""
    for attempt in (1, 2):
        db = sqlite3.connect(path, timeout=LOCK_TIMEOUT)
        try:
            refresh(db, root)
            return db
        except sqlite3.DatabaseError:
            db.close()
            if attempt == 2:
                raise
            for name in (path, path.with_name(path.name + "-journal")):
                name.unlink(missing_ok=True)
    raise AssertionError("unreachable")


def _in_memory(path: Path, root: Path) -> sqlite3.Connection:
    db = sqlite3.connect(":memory:")
    try:
        # What the last writer knew saves reading most records again.
        with closing(_read_only(path)) as old:
            old.backup(db)
        refresh(db, root)
    except (sqlite3.Error, OSError):
        db.close()
        db = sqlite3.connect(":memory:")
        refresh(db, root)
    return db


def _is_ours(db: sqlite3.Connection) -> bool:
    """Whether the tables are those of this version."""
    if db.execute("PRAGMA user_version").fetchone()[0] != INDEX_VERSION:
        return False
    found = db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {sql for (sql,) in found} == {text.strip() for text in _TABLES.split(";")} - {""}


def _difference(db: sqlite3.Connection, root: Path) -> tuple[list[tuple], list[str]]:
    """Record files to read, and names to drop, to make the index say what the disk says."""
    known = {name: (size, t) for name, size, t in db.execute("SELECT name,size,changed FROM seen")}
    new = []
    for name, size, changed in record_files(root):
        if known.pop(name, None) != (size, changed):
            new.append((name, size, changed))
    return new, list(known)


def _is_current(db: sqlite3.Connection, root: Path) -> bool:
    return _is_ours(db) and _difference(db, root) == ([], [])


def refresh(db: sqlite3.Connection, root: Path) -> None:
    """Make the index in `db` say what the record files say, in one transaction."""
    db.isolation_level = None
    db.execute("BEGIN IMMEDIATE")
    try:
        if not _is_ours(db):
            _start_anew(db)
        new, gone = _difference(db, root)
        for name in (*gone, *(name for name, _, _ in new)):
            _forget(db, name)
        for name, size, changed in new:
            _add(db, root, name, size, changed)
        db.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise


def _start_anew(db: sqlite3.Connection) -> None:
    tables = db.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall()
    for (name,) in tables:
        if not name.startswith("sqlite_"):
            db.execute(f'DROP TABLE "{name}"')
    for statement in _TABLES.split(";"):
        if statement.strip():
            db.execute(statement)
    db.execute(f"PRAGMA user_version = {INDEX_VERSION}")


def _forget(db: sqlite3.Connection, name: str) -> None:
    row = db.execute("SELECT record FROM record WHERE name = ?", (name,)).fetchone()
    if row is not None:
        db.execute("DELETE FROM file WHERE record = ?", (row[0],))
        db.execute("DELETE FROM record WHERE record = ?", (row[0],))
    db.execute("DELETE FROM seen WHERE name = ?", (name,))


def _add(db: sqlite3.Connection, root: Path, name: str, size: int, changed: int) -> None:
    try:
        record = read_record(root / RECORDS / name)
    except StoreError as error:
        # The index travels with the project: the name must not depend on where it stands today.
        problem = str(error).replace(str(root / RECORDS), str(RECORDS))
        db.execute("INSERT INTO seen VALUES (?,?,?,?)", (name, size, changed, problem))
        return
    db.execute("INSERT INTO seen VALUES (?,?,?,NULL)", (name, size, changed))
    activity, code, setup = record.activity, record.code, record.environment
    values = {
        "name": name,
        "id": record.id,
        "rule": activity.rule,
        "wildcards": _json(activity.wildcards),
        "preset": activity.preset,
        "experiment": activity.experiment,
        "figure": activity.figure,
        "dataset": _dataset_name(record),
        "status": record.status,
        "error": record.error,
        "started": record.started,
        "ended": record.ended,
        "wall_seconds": record.wall_seconds,
        "cpu_seconds": record.cpu_seconds,
        "peak_memory_bytes": record.peak_memory_bytes,
        "source": code.source,
        "fingerprint": code.fingerprint,
        "script": code.script,
        "version": code.version,
        '"commit"': code.commit,
        "dirty": code.dirty,
        "diff": code.diff,
        "edited": code.edited,
        "environment": setup.hash,
        "lock": setup.lock,
        "configuration": record.configuration.hash,
        "machine": _json(record.machine.model_dump(mode="json")),
        "seeds": _json(record.seeds),
        "settings": _text(db, _json(record.configuration.value)),
        "setup": _text(db, _json(setup.model_dump(mode="json"))),
    }
    marks = ",".join("?" * len(values))
    cursor = db.execute(
        f"INSERT INTO record ({','.join(values)}) VALUES ({marks})", tuple(values.values())
    )
    key = cursor.lastrowid
    db.executemany(
        "INSERT INTO file VALUES (?,?,?,?,?,?,?,?,?)",
        [
            (key, direction, i, f.path, f.role, f.digest, f.size, f.content_hash, f.identity)
            for direction, files in (("in", record.inputs), ("out", record.outputs))
            for i, f in enumerate(files)
        ],
    )


def _text(db: sqlite3.Connection, value: str) -> int:
    """Number of a text: thousands of jobs share few environments and configurations."""
    db.execute("INSERT OR IGNORE INTO text (value) VALUES (?)", (value,))
    return db.execute("SELECT number FROM text WHERE value = ?", (value,)).fetchone()[0]


def _dataset_name(record: Record) -> str | None:
    """The source of the data set that the job prepared or used, where its settings say it."""
    value = plain_settings(record.configuration.value)
    for path in (("recipe",), ("plan", "shared", "dataset"), ("plan", "description", "dataset")):
        node: Any = value
        for part in (*path, "source"):
            node = node.get(part) if isinstance(node, dict) else None
        if isinstance(node, str):
            return node
    return None


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def select_in(
    db: sqlite3.Connection, query: str, values: Iterable[Any], *more: Any
) -> Iterator[sqlite3.Row]:
    """Rows of `query`, in which `{}` stands for the list of `values`, however long it is."""
    values = list(dict.fromkeys(values))
    for start in range(0, len(values), _BATCH):
        part: Sequence[Any] = values[start : start + _BATCH]
        yield from db.execute(query.format(",".join("?" * len(part))), (*part, *more))
