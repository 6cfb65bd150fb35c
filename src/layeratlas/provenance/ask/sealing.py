"""Signing what is on record: all records, or those behind a result."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

from layeratlas.errors import StoreError
from layeratlas.provenance.ask.graph import ancestors
from layeratlas.provenance.ask.naming import find_files
from layeratlas.provenance.record.places import RECORDS
from layeratlas.provenance.store.index import open_index, select_in
from layeratlas.provenance.store.inside import given_file
from layeratlas.provenance.store.reading import (
    RecordWarning,
    project_root,
    read_record,
    record_files,
)
from layeratlas.provenance.store.statements import write_statement
from layeratlas.words import named


def seal(
    key: str | os.PathLike[str],
    what: str | os.PathLike[str] | None = None,
    root: str | os.PathLike[str] | None = None,
) -> tuple[Path, int]:
    """Sign all records, or those of the jobs behind `what` (a result, or a hash), with `key`.

    `key` is a private key of OpenSSH. Returns the signature's file, beside a list of the records
    and their sha256 (`store.statements`), and how many they are. A record that cannot be read gives
    a RecordWarning and is not signed. StoreError where `what` is unknown or the key does not sign.
    """
    folder = project_root(root, near=None if what is None else given_file(what))
    names = _all(folder) if what is None else _behind(folder, what)
    if not names:
        about = "no record" if what is None else f"no record of how {named(what)} was made"
        raise StoreError(f"there is {about} in {named(folder)}: nothing was signed.")
    return write_statement(folder, names, Path(key)), len(names)


def _all(folder: Path) -> list[str]:
    names = []
    for name, _, _ in record_files(folder):
        try:
            read_record(folder / RECORDS / name)
        except StoreError as error:
            warnings.warn(str(error), RecordWarning, stacklevel=3)
        else:
            names.append(name)
    return names


def _behind(folder: Path, what: str | os.PathLike[str]) -> list[str]:
    with open_index(folder) as db:
        nodes = ancestors(db, find_files(db, what, folder))
        numbers = {node.record for node in nodes if node.record is not None}
        query = "SELECT name FROM record WHERE record IN ({})"
        return [row["name"] for row in select_in(db, query, sorted(numbers))]
