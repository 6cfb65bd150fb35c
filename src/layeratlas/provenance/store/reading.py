"""Reading activity records: whatever is damaged or too new is reported and passed over."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from layeratlas.errors import StoreError
from layeratlas.provenance.record.places import OBJECTS, RECORDS
from layeratlas.provenance.record.schema import SCHEMA, Record


class RecordWarning(UserWarning):
    """A record file could not be used; the answer was given without it."""


def project_root(root: str | os.PathLike[str] | None = None, near: Path | None = None) -> Path:
    """The folder that holds `provenance/` or `store/`.

    `root` itself when given; else the nearest such folder above the working directory, then
    above the file `near`. StoreError when there is none.
    """
    if root is not None:
        path = Path(root)
        if not path.is_dir():
            raise StoreError(f"{path} is no folder: give the folder of the project as root.")
        return path
    starts = [Path.cwd()]
    if near is not None:
        starts.append(near.absolute().parent)
    for start in starts:
        for folder in (start, *start.parents):
            if _holds_store(folder):
                return folder
    raise StoreError(
        f"no provenance store at or above {starts[0]}: run this inside the project, or name its "
        "folder (--root FOLDER, root=…)."
    )


def _holds_store(folder: Path) -> bool:
    # A Python package may well be called `provenance` or `store`: look one level deeper.
    return any((folder / inner).is_dir() for inner in (RECORDS, OBJECTS))


def record_files(root: Path) -> Iterator[tuple[str, int, int]]:
    """(name relative to the records' folder, size, time of change in ns) of every record file."""
    folder = root / RECORDS
    try:
        months = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir())
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"could not list {folder}: {error.strerror or error}.") from error
    for month in months:
        for entry in os.scandir(folder / month):
            # Writers leave their temporaries (.<name>.….tmp) beside the records.
            if entry.name.endswith(".json") and not entry.name.startswith("."):
                try:
                    state = entry.stat()
                except FileNotFoundError:
                    continue
                yield f"{month}/{entry.name}", state.st_size, state.st_mtime_ns


def read_record(path: Path) -> Record:
    """One record. StoreError that names the file when it cannot be read or is no record."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(f"could not read {path}: {error.strerror or error}.") from error
    try:
        return Record.model_validate_json(content)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(map(str, problem["loc"]))
        reason = f"{where}: {problem['msg']}" if where else problem["msg"]
    version = _schema_version(content)
    if version is not None and version > SCHEMA:
        raise StoreError(
            f"{path} was written by a newer version (record schema {version}, known is {SCHEMA}): "
            "update layeratlas to read it."
        )
    raise StoreError(f"{path} is not a whole record ({reason}).")


def _schema_version(content: bytes) -> int | None:
    try:
        version = json.loads(content)["schema_version"]
    except (ValueError, KeyError, TypeError):
        return None
    return version if isinstance(version, int) else None


def read_records(root: str | os.PathLike[str] | None = None) -> list[Record]:
    """All records of a store in the order of their start.

    A file that cannot be used gives a RecordWarning with its name and is left out.
    """
    folder = project_root(root)
    records = []
    for name, _, _ in record_files(folder):
        try:
            records.append((read_record(folder / RECORDS / name), name))
        except StoreError as error:
            warnings.warn(str(error), RecordWarning, stacklevel=2)
    return [record for record, _ in sorted(records, key=lambda pair: (pair[0].id, pair[1]))]


def newest_records(records: Iterable[Record]) -> dict[str, Record]:
    """{path: the last successful record that wrote it}, from records in the order of their end."""
    return {
        output.path: record
        for record in records
        if record.status == "ok"
        for output in record.outputs
    }
