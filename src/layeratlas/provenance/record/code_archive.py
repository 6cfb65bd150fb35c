"""The code itself as an archive, for jobs whose code no commit holds.

A tar with sorted members, no dates and no owners: the same code gives the same bytes, so a project
keeps it once however many jobs ran it.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

from layeratlas.bounded.files import MIB, read_bytes
from layeratlas.errors import UnreadableError
from layeratlas.provenance.record.source import PACKAGE, WATCHED

# Of a file: more is no code, whatever its name.
_LARGEST = 4 * MIB


def code_archive(base: Path | None, package: Path = PACKAGE) -> bytes:
    """The package's modules as `src/layeratlas/…`; Snakefile, rules and scripts of the folder
    `base`. What cannot be read, is no regular file or has more than 4 MiB is left out.
    """
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, path in sorted(_files(base, package)):
            try:
                content = read_bytes(path, _LARGEST)
            except UnreadableError:
                continue
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def _files(base: Path | None, package: Path) -> Iterator[tuple[str, Path]]:
    for path in package.rglob("*.py"):
        yield f"src/{package.name}/{path.relative_to(package).as_posix()}", path
    if base is None:
        return
    for name in WATCHED:
        for path in (base / name, *(base / name).rglob("*")):
            inside = path.relative_to(base)
            hidden = any(part.startswith((".", "__pycache__")) for part in inside.parts)
            if path.is_file() and not hidden:
                yield inside.as_posix(), path
