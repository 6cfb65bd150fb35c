"""What the index holds of a record: its tables, and filling them."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from layeratlas.errors import StoreError
from layeratlas.provenance.record.places import RECORDS
from layeratlas.provenance.record.schema import Record
from layeratlas.provenance.record.settings import plain_settings
from layeratlas.provenance.store.order import microseconds
from layeratlas.provenance.store.reading import read_record
from layeratlas.words import printable

INDEX_VERSION = 4
# What SQLite refuses of one record, and of no other: numbers beyond 64 bits, text that is none.
_UNFIT = (
    OverflowError,
    UnicodeEncodeError,
    sqlite3.DataError,
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
)

#: Columns of what a job asked for, as the record names it.
REQUESTED = ("mem_mb", "runtime", "attempt", "sized_mem_mb", "sized_seconds")

_TABLES = """
CREATE TABLE seen (name TEXT PRIMARY KEY, size INTEGER, changed INTEGER, problem TEXT);
CREATE TABLE record (
    record INTEGER PRIMARY KEY, name TEXT UNIQUE, id TEXT, rule TEXT, wildcards TEXT,
    preset TEXT, experiment TEXT, figure TEXT, dataset TEXT, status TEXT, error TEXT,
    started TEXT, ended TEXT, wall_seconds REAL, cpu_seconds REAL, peak_memory_bytes INTEGER,
    source TEXT, fingerprint TEXT, script TEXT, version TEXT, "commit" TEXT, dirty INTEGER,
    diff TEXT, edited INTEGER, environment TEXT, lock TEXT, configuration TEXT, machine TEXT,
    seeds TEXT, settings INTEGER, setup INTEGER, kept TEXT, users TEXT, unread TEXT, after TEXT,
    moment INTEGER, rank INTEGER,
    frame_memory_bytes INTEGER, mem_mb INTEGER, runtime INTEGER, attempt INTEGER,
    sized_mem_mb INTEGER, sized_seconds INTEGER
);
CREATE TABLE file (
    record INTEGER, direction TEXT, position INTEGER, path TEXT, role TEXT, digest TEXT,
    size INTEGER, content_hash TEXT, identity TEXT, mark TEXT
);
CREATE TABLE replaced (record INTEGER, path TEXT, digest TEXT);
CREATE TABLE ordered (horizon INTEGER);
CREATE TABLE text (number INTEGER PRIMARY KEY, value TEXT UNIQUE);
CREATE INDEX file_identity ON file (identity, direction);
CREATE INDEX file_digest ON file (digest);
CREATE INDEX file_content ON file (content_hash);
CREATE INDEX file_mark ON file (mark) WHERE mark IS NOT NULL;
CREATE INDEX file_path ON file (path, direction);
CREATE INDEX file_record ON file (record, direction);
CREATE INDEX record_source ON record (source);
CREATE INDEX record_dataset ON record (dataset, rule);
CREATE INDEX record_moment ON record (moment);
CREATE INDEX record_after ON record (after);
CREATE INDEX replaced_path ON replaced (path, digest);
CREATE INDEX replaced_record ON replaced (record);
"""


def is_ours(db: sqlite3.Connection) -> bool:
    """Whether the tables are those of this version."""
    if db.execute("PRAGMA user_version").fetchone()[0] != INDEX_VERSION:
        return False
    found = db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {sql for (sql,) in found} == {text.strip() for text in _TABLES.split(";")} - {""}


def start_anew(db: sqlite3.Connection) -> None:
    """Empty tables of this version, in place of whatever there is."""
    tables = db.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall()
    for (name,) in tables:
        if not name.startswith("sqlite_"):
            db.execute(f'DROP TABLE "{name}"')
    for statement in _TABLES.split(";"):
        if statement.strip():
            db.execute(statement)
    db.execute(f"PRAGMA user_version = {INDEX_VERSION}")


def forget(db: sqlite3.Connection, name: str) -> bool:
    """Take out all that came from the record file `name`; whether there was a record."""
    row = db.execute("SELECT record FROM record WHERE name = ?", (name,)).fetchone()
    if row is not None:
        db.execute("DELETE FROM file WHERE record = ?", (row[0],))
        db.execute("DELETE FROM replaced WHERE record = ?", (row[0],))
        db.execute("DELETE FROM record WHERE record = ?", (row[0],))
    db.execute("DELETE FROM seen WHERE name = ?", (name,))
    return row is not None


def key_of(name: str) -> str:
    """A file's name as the index keeps it: text, even where the name on the disk is none."""
    return name.encode("utf-8", "backslashreplace").decode()


def add(db: sqlite3.Connection, root: Path, name: str, size: int, changed: int) -> int | None:
    """Read the record file `name` and put it in; its number, None where it could not be used.

    What is wrong with it is kept in the table `seen`, so that every question can say it.
    """
    place = str(root / RECORDS)
    try:
        record = read_record(root / RECORDS / name)
        db.execute("SAVEPOINT one")
        try:
            number = _insert(db, record, name)
        except _UNFIT as error:
            db.execute("ROLLBACK TO one")
            raise StoreError(f"{root / RECORDS / name} cannot be indexed ({error}).") from error
        finally:
            db.execute("RELEASE one")
    except StoreError as error:
        # The index travels with the project: the name must not depend on where it stands today.
        problem = str(error).replace(place, str(RECORDS))
        row = (key_of(name), size, changed, printable(problem))
        db.execute("INSERT INTO seen VALUES (?,?,?,?)", row)
        return None
    db.execute("INSERT INTO seen VALUES (?,?,?,NULL)", (key_of(name), size, changed))
    return number


def _insert(db: sqlite3.Connection, record: Record, name: str) -> int:
    activity, code, setup = record.activity, record.code, record.environment
    unread = code.unread | setup.unread | record.machine.unread
    values = {
        "name": key_of(name),
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
        "kept": code.kept,
        "users": code.users,
        "unread": _json(unread) if unread else None,
        "after": record.after,
        "moment": microseconds(record.ended),
        "settings": _text(db, _json(record.configuration.value)),
        "setup": _text(db, _json(setup.model_dump(mode="json"))),
        "frame_memory_bytes": record.frame_memory_bytes,
    }
    if (asked := record.requested) is not None:
        values |= {name: getattr(asked, name) for name in REQUESTED}
    marks = ",".join("?" * len(values))
    cursor = db.execute(
        f"INSERT INTO record ({','.join(values)}) VALUES ({marks})", tuple(values.values())
    )
    key = cursor.lastrowid
    assert key is not None
    db.executemany(
        "INSERT INTO file VALUES (?,?,?,?,?,?,?,?,?,?)",
        [
            (
                key,
                direction,
                i,
                f.path,
                f.role,
                f.digest,
                f.size,
                f.content_hash,
                f.identity,
                f.mark,
            )
            for direction, files in (("in", record.inputs), ("out", record.outputs))
            for i, f in enumerate(files)
        ],
    )
    db.executemany(
        "INSERT INTO replaced VALUES (?,?,?)",
        [(key, path, digest) for path, digest in record.replaced.items() if digest],
    )
    return key


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
