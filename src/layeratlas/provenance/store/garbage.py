"""Garbage: objects that nothing refers to any more, and what killed jobs left behind."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from layeratlas.errors import StoreError, UnreadableError
from layeratlas.provenance.record.places import FIGURE_SUFFIXES, OBJECTS, RECORDS
from layeratlas.provenance.store.leftovers import leftovers
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
from layeratlas.storage.atomic import folder_lock, store_errors
from layeratlas.storage.manifest import SUFFIX
from layeratlas.temporaries import discard
from layeratlas.words import shortened

if TYPE_CHECKING:
    import pandas as pd

    from layeratlas.provenance.record.schema import Record

COLUMNS = ("digest", "suffix", "path", "size", "freed", "removed", "kind")
_Row = tuple[str | None, str, str, int, int, bool, str]


def collect_garbage(
    root: str | os.PathLike[str] | None = None, apply: bool = False
) -> pd.DataFrame:
    """Objects that nothing refers to, and leftovers; with `apply` they go, else it is only said.

    An object stays when its digest is

    - that of a file that stands under results/ or figures/,
    - mentioned, as input or output, by the newest successful record of any path,
    - pinned, or
    - an input of a job on record that made something that stays (so a pinned figure keeps its
      cubes), or
    - that of code of any record that no commit holds.

    Leftovers are what killed jobs left behind (`leftovers`). Columns: digest (None of leftovers),
    suffix, path, size, freed (bytes the disk gets back), removed, kind: `object`, or what sort of
    leftover. StoreError when a record cannot be read and `apply` is asked for: it might be the one
    that refers.
    """
    import pandas as pd

    project = project_root(root)
    rows = list(_objects(project, apply)) if (project / OBJECTS).is_dir() else []
    rows += _leftovers(project, apply)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _objects(project: Path, apply: bool) -> Iterator[_Row]:
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
            yield digest, suffix, str(path), state.st_size, freed, apply, "object"


def _leftovers(project: Path, apply: bool) -> Iterator[_Row]:
    for path, kind, size in leftovers(project):
        if apply:
            try:
                discard(path)
            except FileNotFoundError:  # its next writer was quicker
                continue
            except OSError as error:
                raise StoreError(
                    f"{path}: left over ({kind}), but cannot be removed: {error.strerror or error}"
                ) from error
        yield None, path.suffix, str(path), size, size, apply, kind


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
    return stay | {digest for record in records for digest, _ in record.code.objects}


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
