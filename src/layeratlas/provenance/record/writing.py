"""Writing a record: one file a job, whole or not at all, never in another's place."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from layeratlas.errors import StoreError
from layeratlas.provenance.record.places import RECORDS
from layeratlas.provenance.record.schema import Record
from layeratlas.storage.atomic import store_errors, sync_folder, write_durably
from layeratlas.temporaries import temporary_name


def write_record(record: Record, root: str | os.PathLike[str] = ".") -> Path:
    """Write `provenance/records/<yyyy-mm>/<id>.json`, whole or not at all; returns the path.

    StoreError when it cannot be written, or when there is a record of that id: none is ever
    overwritten.
    """
    folder = Path(root) / RECORDS / f"{record.id[:4]}-{record.id[4:6]}"
    path = folder / f"{record.id}.json"
    # A part a line: can be read by eye, and a shard of a hundred runs does not fill a screen.
    parts = (
        f"{json.dumps(key)}: {json.dumps(value, sort_keys=True, ensure_ascii=False)}"
        for key, value in record.model_dump(mode="json").items()
    )
    content = ("{\n" + ",\n".join(parts) + "\n}\n").encode()
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


def check_writable(folder: Path) -> None:
    """Make `folder` and try to write in it. StoreError when that fails."""
    probe = temporary_name(folder / "probe")
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
