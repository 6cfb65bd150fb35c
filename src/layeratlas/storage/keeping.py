"""Objects: files kept under their digest, `<sha256><suffix>`, once each and never changed.

An object is a file of its own, read-only, and no link of the result that it keeps: a link shares
its bytes with the result, and whoever writes into that (Snakemake does, where it puts a result back
after a failed job) would write into every version at once.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from layeratlas.storage.atomic import sync_folder, temporary_beside, write_durably


def copy_object(source: Path, stored: Path) -> None:
    """Keep the content of `source` as `stored`, whatever becomes of the source."""
    if stored.exists():
        return
    stored.parent.mkdir(parents=True, exist_ok=True)
    with temporary_beside(stored) as copy:
        shutil.copyfile(source, copy)
        with copy.open("rb") as file:
            os.fsync(file.fileno())
        _place(copy, stored)


def write_object(content: bytes, stored: Path) -> None:
    """Keep `content` as `stored`."""
    if stored.exists():
        return
    with temporary_beside(stored) as copy:
        write_durably(copy, content)
        _place(copy, stored)


def _place(copy: Path, stored: Path) -> None:
    copy.chmod(0o444)
    copy.replace(stored)
    sync_folder(stored.parent)
