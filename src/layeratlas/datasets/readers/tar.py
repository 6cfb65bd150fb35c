"""Named files out of a tar archive: in memory, and of a bounded size."""

from __future__ import annotations

import tarfile
from pathlib import Path, PurePosixPath

from layeratlas.bounded.files import MIB
from layeratlas.datasets.folders import brief
from layeratlas.errors import DatasetError

_MOST_MEMBERS = 1000
_MOST_BYTES = 1024 * MIB  # STL-10's largest part that is read has 211 MiB


def tar_members(path: Path, names: list[str]) -> dict[str, bytes]:
    """Contents of the named regular files of a tar.gz, whatever folder they are in.

    Nothing is written, and links are not followed. DatasetError for an archive that lacks one of
    them, or holds more than any official one.
    """
    found: dict[str, bytes] = {}
    # Streamed ("r|gz"), stopping at the last one needed: STL-10 has 2.7 GB of unlabelled images.
    with tarfile.open(path, "r|gz") as archive:
        for number, member in enumerate(archive):
            if number >= _MOST_MEMBERS or member.size > 4 * _MOST_BYTES:
                raise DatasetError(f"{brief(path)} holds more than an archive of images does.")
            name = PurePosixPath(member.name).name
            if name in names and name not in found and member.isfile():
                if member.size > _MOST_BYTES:
                    raise DatasetError(
                        f"{brief(path)}: {name} has {member.size} bytes; at most {_MOST_BYTES} "
                        "are read."
                    )
                content = archive.extractfile(member)
                assert content is not None  # a file has content
                found[name] = content.read()
            if len(found) == len(names):
                return found
    missing = [name for name in names if name not in found]
    raise DatasetError(f"{brief(path)} is incomplete: {', '.join(missing)} not found inside.")
