"""Reading activity records: whatever is damaged or too new is reported and passed over."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from layeratlas.bounded.documents import parse_json
from layeratlas.bounded.files import MIB, read_bytes
from layeratlas.bounded.seals import SEAL, check_seal
from layeratlas.errors import LONGEST, StoreError, UnreadableError
from layeratlas.provenance.record.configuration import configuration_hash
from layeratlas.provenance.record.places import RECORDS, nearest_store
from layeratlas.provenance.record.schema import SCHEMA, Record
from layeratlas.provenance.record.writing import record_name, seal_of_lines
from layeratlas.words import named, printable, quoted, shortened

LARGEST = 32 * MIB
"""Bytes of a record: that of a shard of a hundred thousand runs has less."""


class RecordWarning(UserWarning):
    """A record file could not be used; the answer was given without it. One printable line."""

    def __init__(self, message: str):
        super().__init__(shortened(printable(message), LONGEST))


def project_root(root: str | os.PathLike[str] | None = None, near: Path | None = None) -> Path:
    """The folder that holds `provenance/` or `store/`.

    `root` itself when given; else the nearest such folder above the working directory, then
    above the file `near`. StoreError when there is none.
    """
    if root is not None:
        # Unlike Path.is_dir, never an error: a name may be too long, or hold a NUL.
        if not os.path.isdir(root):  # noqa: PTH112
            raise StoreError(
                f"{quoted(str(root))} is no folder: give the folder of the project as root."
            )
        return Path(root)
    starts = [Path.cwd()]
    if near is not None:
        starts.append(near.absolute().parent)
    for start in starts:
        if (folder := nearest_store(start)) is not None:
            return folder
    raise StoreError(
        f"no provenance store at or above {named(starts[0])}: run this inside the project, or name "
        "its folder (--root FOLDER, root=…)."
    )


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
                except OSError:  # links in a circle: told by who reads it
                    yield f"{month}/{entry.name}", 0, 0
                    continue
                yield f"{month}/{entry.name}", state.st_size, state.st_mtime_ns


def read_record(path: Path) -> Record:
    """One record.

    UnreadableError that names the file when it cannot be read, is no record, does not fit its seal
    or its name, or was written by a newer version.
    """
    return _read(path)[0]


def check_record_file(path: Path) -> tuple[Record, bool]:
    """As `read_record`, to the last byte; and whether the record has a seal."""
    record, has_seal, as_written = _read(path)
    if has_seal and not as_written:
        raise UnreadableError(path, "was written anew by another program, though it says the same")
    return record, has_seal


def _read(path: Path) -> tuple[Record, bool, bool]:
    """The record, whether it has a seal, and whether its bytes are those that were sealed."""
    content = read_bytes(path, LARGEST)
    document = parse_json(content, path)
    as_written = isinstance(document, dict) and document.get(SEAL) == seal_of_lines(content)
    has_seal = as_written or check_seal(document, path)
    try:
        # Strict: nothing that is written as one type is taken for another.
        record = Record.model_validate_json(content, strict=True)
    except ValidationError as error:
        version = document.get("schema_version")
        if isinstance(version, int) and version > SCHEMA:
            raise UnreadableError(
                path,
                f"was written by a newer version (record schema {version}, known is {SCHEMA}): "
                "update layeratlas to read it",
            ) from None
        problem = error.errors(include_url=False)[0]
        where = shortened(".".join(map(str, problem["loc"])), 60)
        reason = shortened(problem["msg"].removeprefix("Value error, "), 160)
        reason = f"{where}: {reason}" if where else reason
        raise UnreadableError(path, f"is not a whole record ({reason})") from None
    # It belongs to the file, not to what the job did.
    (record.model_extra or {}).pop(SEAL, None)
    if not path.as_posix().endswith(f"/{record_name(record.id)}"):
        raise UnreadableError(path, f"holds the record {record.id}, which has another name")
    if configuration_hash(record.configuration.value) != record.configuration.hash:
        raise UnreadableError(path, "has settings that do not fit their hash: it was edited")
    return record, has_seal, as_written


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
