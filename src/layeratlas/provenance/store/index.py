"""The SQLite index over the records: derived, never the truth.

Every query first brings the index up to date: record files that are new or changed are read, those
that are gone are dropped. So an index that was deleted, damaged, interrupted or made by another
version gives the same answers after one slower start. One process writes at a time; where
nothing can be written (a read-only disk) the same index is made in memory.
"""

from __future__ import annotations

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
from layeratlas.provenance.store import checksum
from layeratlas.provenance.store.indexing import add, forget, is_ours, key_of, start_anew
from layeratlas.provenance.store.order import warn_of_times
from layeratlas.provenance.store.ranking import is_ranked, rank, unbelieved
from layeratlas.provenance.store.reading import RecordWarning, project_root, record_files

INDEX = Path("provenance") / "index.sqlite"
LOCK_TIMEOUT = 60.0
_BATCH = 500


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
        warn_of_times(unbelieved(db))
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


@contextmanager
def index_as_it_stands(root: str | os.PathLike[str]) -> Iterator[sqlite3.Connection]:
    """A connection to the index that lies in a store, whatever came to its records since.

    StoreError where there is none of this version.
    """
    path = Path(root) / INDEX
    checksum.check(path)
    with closing(_read_only(path)) as db:
        if not is_ours(db):
            raise StoreError(f"{path} is of another version.")
        db.row_factory = sqlite3.Row
        yield db


def _connect(root: Path) -> sqlite3.Connection:
    path = root / INDEX
    with suppress(sqlite3.Error, OSError):
        checksum.check(path)
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
    except (OSError, StoreError, Timeout, NotImplementedError, sqlite3.Error):
        return _in_memory(path, root)


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=LOCK_TIMEOUT)


def _written(path: Path, root: Path) -> sqlite3.Connection:
    """The index on disk, brought up to date; made anew where it is not what was written."""
    if not checksum.fits(path):
        _remove(path)
    for attempt in (1, 2):
        db = sqlite3.connect(path, timeout=LOCK_TIMEOUT)
        try:
            refresh(db, root)
            checksum.note(path)
            return db
        except sqlite3.DatabaseError:
            db.close()
            if attempt == 2:
                raise
            _remove(path)
        except BaseException:
            db.close()
            raise
    raise AssertionError("unreachable")


def _remove(path: Path) -> None:
    for name in (path, path.with_name(path.name + "-journal")):
        name.unlink(missing_ok=True)


def _in_memory(path: Path, root: Path) -> sqlite3.Connection:
    db = sqlite3.connect(":memory:")
    try:
        # What the last writer knew saves reading most records again.
        checksum.check(path)
        with closing(_read_only(path)) as old:
            old.backup(db)
        refresh(db, root)
    except (sqlite3.Error, OSError):
        db.close()
        db = sqlite3.connect(":memory:")
        refresh(db, root)
    return db


def _difference(db: sqlite3.Connection, root: Path) -> tuple[list[tuple], list[str]]:
    """Record files to read, and names to drop, to make the index say what the disk says."""
    known = {name: (size, t) for name, size, t in db.execute("SELECT name,size,changed FROM seen")}
    new = []
    for name, size, changed in record_files(root):
        if known.pop(key_of(name), None) != (size, changed):
            new.append((name, size, changed))
    return new, list(known)


def _is_current(db: sqlite3.Connection, root: Path) -> bool:
    return is_ours(db) and is_ranked(db) and _difference(db, root) == ([], [])


def refresh(db: sqlite3.Connection, root: Path) -> None:
    """Make the index in `db` say what the record files say, in one transaction."""
    db.isolation_level = None
    db.execute("BEGIN IMMEDIATE")
    try:
        if not is_ours(db):
            start_anew(db)
        new, gone = _difference(db, root)
        removed = [forget(db, name) for name in (*gone, *(key_of(name) for name, _, _ in new))]
        added = [add(db, root, name, size, changed) for name, size, changed in new]
        rank(db, [number for number in added if number is not None], any(removed))
        db.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise


def select_in(
    db: sqlite3.Connection, query: str, values: Iterable[Any], *more: Any
) -> Iterator[sqlite3.Row]:
    """Rows of `query`, in which `{}` stands for the list of `values`, however long it is."""
    values = list(dict.fromkeys(values))
    for start in range(0, len(values), _BATCH):
        part: Sequence[Any] = values[start : start + _BATCH]
        yield from db.execute(query.format(",".join("?" * len(part))), (*part, *more))
