"""Writing a record: one file a job, whole or not at all, never in another's place."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from layeratlas.bounded.seals import canonical_text, sealed
from layeratlas.errors import StoreError
from layeratlas.provenance.record.places import RECORDS
from layeratlas.provenance.record.schema import Record
from layeratlas.storage.atomic import store_errors, sync_folder, temporary_name, write_durably

_MONTH = re.compile(r"\d{4}-\d{2}")
_NAME = re.compile(r"\d{8}T\d{6}(\.\d+)?Z-[0-9a-f]+\.json")


def write_record(record: Record, root: str | os.PathLike[str] = ".") -> Path:
    """Write `provenance/records/<yyyy-mm>/<id>.json`, sealed, whole or not at all: the path.

    StoreError when it cannot be written, or when there is a record of that id: none is ever
    overwritten.
    """
    path = Path(root) / RECORDS / record_name(record.id)
    folder = path.parent
    content = record_bytes(sealed(record.model_dump(mode="json")))
    with store_errors(path):
        folder.mkdir(parents=True, exist_ok=True)
        temporary = temporary_name(path)
        try:
            write_durably(temporary, content)
            try:
                # Unlike a rename, a link never takes another's place.
                os.link(temporary, path)
            except FileExistsError:
                raise StoreError(f"{path} is there already; no record is overwritten.") from None
            except OSError:
                if path.exists():
                    raise
                temporary.replace(path)
            sync_folder(folder)
        finally:
            temporary.unlink(missing_ok=True)
    return path


def last_record(root: Path) -> str | None:
    """Id of the record that sorts last in the store, by name; None in a store without any.

    Names begin with the time at which the job started.
    """
    with suppress(OSError):
        months = sorted(p for p in (root / RECORDS).iterdir() if _MONTH.fullmatch(p.name))
        for month in reversed(months):
            with suppress(NotADirectoryError):
                # A folder may hold thousands: their names alone.
                names = [entry.name for entry in os.scandir(month) if _NAME.fullmatch(entry.name)]
                if names:
                    return max(names).removesuffix(".json")
    return None


def record_name(record_id: str) -> str:
    """The name of a record's file in the folder of records: `<yyyy-mm>/<id>.json`."""
    return f"{record_id[:4]}-{record_id[4:6]}/{record_id}.json"


def record_bytes(document: Mapping[str, Any]) -> bytes:
    """A record as it is written: JSON, a part a line, each in the canonical form of seals.

    So it can be read by eye, a shard of a hundred runs does not fill a screen, and its lines tell
    its seal (`seal_of_lines`).
    """
    parts = (f"{canonical_text(key)}: {canonical_text(value)}" for key, value in document.items())
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode()


def seal_of_lines(content: bytes) -> str:
    """The seal of a record whose bytes are those of `record_bytes`, without parsing them.

    Of any other bytes it is another than their seal, or "", however alike what they say.
    """
    if not content.startswith(b"{\n") or not content.endswith(b"\n}\n"):
        return ""
    # No value holds a line's end: JSON escapes it.
    parts = content[2:-3].split(b",\n")
    rest = sorted(part.replace(b": ", b":", 1) for part in parts if part[:7] != b'"seal":')
    seal = hashlib.sha256(b"{" + b",".join(rest) + b"}").hexdigest()
    return seal if parts.count(b'"seal": "%b"' % seal.encode()) == len(parts) - len(rest) else ""


def check_writable(folder: Path) -> None:
    """Make `folder` and try to write in it. StoreError when that fails."""
    probe = folder / f".{secrets.token_hex(6)}.probe.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_durably(probe, b"can this be written?\n")
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be written ({error.strerror or error}), so what this job computes "
            "could not be put on record. Nothing was computed."
        ) from error
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)
