"""Objects: files kept under their digest, `<sha256><suffix>`, once each and never changed."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from layeratlas.storage.atomic import sync_folder, temporary_beside, write_durably


def link_object(source: Path, stored: Path) -> None:
    """Keep `source` as `stored`: a hard link, or a copy where links do not reach."""
    stored.parent.mkdir(parents=True, exist_ok=True)
    if stored.exists():
        return
    try:
        os.link(source, stored)
    except FileExistsError:  # another publisher had the same content at the same moment
        return
    except OSError:
        with temporary_beside(stored) as copy:
            shutil.copyfile(source, copy)
            copy.chmod(0o444)
            with copy.open("rb") as file:
                os.fsync(file.fileno())
            copy.replace(stored)
    sync_folder(stored.parent)


def write_object(content: bytes, stored: Path) -> None:
    """Keep `content` as `stored`, read-only: a file of its own, whatever becomes of the source."""
    if stored.exists():
        return
    with temporary_beside(stored) as copy:
        write_durably(copy, content)
        copy.chmod(0o444)
        copy.replace(stored)
        sync_folder(stored.parent)


def seal_object(stored: Path) -> None:
    """Make an object read-only once no result shares its file.

    Not before: a link shares its mode, and Snakemake refuses to run a rule again whose output is
    write-protected.
    """
    with suppress(OSError):
        if stored.stat().st_nlink == 1:
            stored.chmod(0o444)
