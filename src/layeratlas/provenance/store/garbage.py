"""Garbage: objects that nothing refers to any more."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from layeratlas.errors import StoreError, UnreadableError
from layeratlas.provenance.record.places import FIGURE_SUFFIXES, OBJECTS, RECORDS
from layeratlas.provenance.store.objects import stored_objects
from layeratlas.provenance.store.order import in_order
from layeratlas.provenance.store.pins import pins
from layeratlas.provenance.store.published import published_files
from layeratlas.provenance.store.reading import (
    RecordWarning,
    newest_records,
    project_root,
    read_record,
    record_files,
)
from layeratlas.storage import file_digest, read_manifest
from layeratlas.storage.atomic import folder_lock, remove_stale_temporaries, store_errors
from layeratlas.storage.manifest import SUFFIX
from layeratlas.words import shortened

if TYPE_CHECKING:
    import pandas as pd

    from layeratlas.provenance.record.schema import Record

COLUMNS = ("digest", "suffix", "path", "size", "freed", "removed")
_Row = tuple[str, str, str, int, int, bool]


def collect_garbage(
    root: str | os.PathLike[str] | None = None, apply: bool = False
) -> pd.DataFrame:
    """Objects that nothing refers to; with `apply` they are removed, else it is only said.

    An object stays when its digest is

    - that of a file that stands under results/ or figures/,
    - mentioned, as input or output, by the newest successful record of any path,
    - pinned, or
    - an input of a job on record that made something that stays (so a pinned figure keeps its
      cubes), or
    - that of code of any record that no commit holds.

    Columns: digest, suffix, path, size, freed (bytes the disk gets back), removed. StoreError
    when a record cannot be read and `apply` is asked for: it might be the one that refers.
    """
    import pandas as pd

    project = project_root(root)
    rows: list[_Row] = []
    if not (project / OBJECTS).is_dir():
        return pd.DataFrame(rows, columns=list(COLUMNS))
    # No publisher may come between the look and the removal; see `publish`.
    with folder_lock(project / OBJECTS):
        records, unreadable = _records(project)
        if apply and unreadable:
            raise StoreError(
                f"nothing was removed, because {len(unreadable)} records cannot be read and might "
                f"refer to objects, the first {unreadable[0]}"
            )
        for problem in unreadable:
            warnings.warn(problem, RecordWarning, stacklevel=2)
        stay = _referred(project, records)
        for digest, suffix, path in stored_objects(project):
            if digest in stay:
                continue
            state = path.stat()
            freed = state.st_size if state.st_nlink == 1 else 0
            if apply:
                with store_errors(path):
                    path.unlink()
            rows.append((digest, suffix, str(path), state.st_size, freed, apply))
    if apply:
        _remove_temporaries(project)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _records(project: Path) -> tuple[list[Record], list[str]]:
    """All records in order, and what is wrong with those that cannot be read."""
    records, unreadable = [], []
    for name, _, _ in record_files(project):
        try:
            records.append((name, read_record(project / RECORDS / name)))
        except UnreadableError as error:
            unreadable.append(f"{RECORDS / name}: {shortened(error.reason, 160)}")
    return in_order(records), unreadable


def _referred(project: Path, records: list[Record]) -> set[str]:
    stay = set(pins(project)) | set(_standing(project))
    for record in newest_records(records).values():
        stay.update(file.digest for file in (*record.inputs, *record.outputs))
    makers: dict[str, list[Record]] = {}
    for record in records:
        if record.status == "ok":
            for output in record.outputs:
                makers.setdefault(output.digest, []).append(record)
    todo = list(stay)
    while todo:
        for record in makers.pop(todo.pop(), ()):
            new = {file.digest for file in record.inputs} - stay
            stay |= new
            todo.extend(new)
    return stay | {
        digest for record in records for digest in (record.code.diff, record.code.kept) if digest
    }


def _standing(project: Path) -> Iterator[str]:
    """Digests of the files that stand under results/ and figures/ and may be objects."""
    for path in published_files(project):
        if path.name.endswith(SUFFIX):
            try:
                yield read_manifest(path).digest
            except StoreError:
                yield file_digest(path)
        elif path.suffix in FIGURE_SUFFIXES:
            yield file_digest(path)


def _remove_temporaries(project: Path) -> None:
    """What killed writers left in the store; whoever still writes keeps its own."""
    for folder in (project / OBJECTS, *(project / RECORDS).glob("*")):
        for path in folder.glob(".*.tmp"):
            name = path.name[1:].rsplit(".", 2)[0]
            remove_stale_temporaries(path.with_name(name))
