"""The object store: every published version of a cube and of a figure, under its digest.

Jobs put them there (`record.keeping`); here they are found again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from layeratlas.errors import StoreError
from layeratlas.provenance.record.places import OBJECTS
from layeratlas.provenance.store.reading import project_root
from layeratlas.words import listed, named, quoted

if TYPE_CHECKING:
    import pandas as pd

_NAME = re.compile(r"([0-9a-f]{64})(\.[a-z.]+)")
# Fewer digits than this are no beginning of a hash.
_SHORTEST = 6


def is_hash(text: str) -> bool:
    """Whether `text` can be a digest, content hash, commit, or the beginning of one."""
    return re.fullmatch(rf"[0-9a-f]{{{_SHORTEST},64}}", text) is not None


def stored_objects(root: Path) -> Iterator[tuple[str, str, Path]]:
    """(digest, suffix, path) of every object; other files in the folder are passed over."""
    folder = root / OBJECTS
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if (match := _NAME.fullmatch(path.name)) and path.is_file():
                yield match[1], match[2], path


def objects(root: str | os.PathLike[str] | None = None) -> pd.DataFrame:
    """A row an object: digest, suffix, path, size in bytes."""
    import pandas as pd

    rows = []
    for digest, suffix, path in stored_objects(project_root(root)):
        rows.append((digest, suffix, str(path), path.stat().st_size))
    return pd.DataFrame(rows, columns=["digest", "suffix", "path", "size"])


def find_object(digest: str, root: str | os.PathLike[str] | None = None) -> Path:
    """The object with this digest, or with one that begins so (six digits or more).

    StoreError when there is none, or more than one.
    """
    project = project_root(root)
    if not is_hash(digest):
        raise StoreError(
            f"{quoted(digest)} is no digest: give {_SHORTEST} to 64 hexadecimal digits of a sha256."
        )
    found = [path for name, _, path in stored_objects(project) if name.startswith(digest)]
    if not found:
        raise StoreError(
            f"no object {digest} in {named(project / OBJECTS)}: it was never kept there, or "
            "garbage collection removed it."
        )
    if len(found) > 1:
        names = listed(path.name[:12] for path in found)
        raise StoreError(f"{digest} is the beginning of {names}: give more digits.")
    return found[0]
