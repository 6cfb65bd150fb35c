"""Named files out of a tar archive."""

from __future__ import annotations

import tarfile
from pathlib import Path, PurePosixPath

from layeratlas.errors import DatasetError


def tar_members(path: Path, names: list[str]) -> dict[str, bytes]:
    """Contents of the named files of a tar.gz, whatever folder they are in."""
    found: dict[str, bytes] = {}
    # Streamed ("r|gz"), stopping at the last one needed: STL-10 has 2.7 GB of unlabelled images.
    with tarfile.open(path, "r|gz") as archive:
        for member in archive:
            name = PurePosixPath(member.name).name
            if name in names and member.isfile():
                content = archive.extractfile(member)
                assert content is not None  # a file has content
                found[name] = content.read()
            if len(found) == len(names):
                return found
    missing = [name for name in names if name not in found]
    raise DatasetError(f"{path} is incomplete: {', '.join(missing)} not found inside.")
