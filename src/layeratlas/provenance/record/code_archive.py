"""The code itself as an archive: of jobs whose code no commit holds, and of users' files.

A tar with sorted members, no dates and no owners: the same code gives the same bytes, so a project
keeps it once however many jobs ran it.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from layeratlas.bounded.files import MIB, read_bytes
from layeratlas.errors import ConfigError, UnreadableError
from layeratlas.extending.loading import ran
from layeratlas.extending.places import FOLDER, is_path
from layeratlas.extending.sources import closure, find
from layeratlas.provenance.record.source import PACKAGE, WATCHED

# Of a file: more is no code, whatever its name.
_LARGEST = 4 * MIB


def code_archive(base: Path | None, package: Path = PACKAGE) -> bytes:
    """The package's modules as `src/layeratlas/…`; Snakefile, rules and scripts of the folder
    `base`. What cannot be read, is no regular file or has more than 4 MiB is left out.
    """
    return _packed(_contents(code_files(base, package)))


def users_archive() -> tuple[bytes, tuple[str, ...], bool] | None:
    """What users' code this process has run, each file by its path: `extensions/…` and other files
    of the working folder, `installed/…` of packages.

    The archive, the names in it, and whether a file is no longer the one that was run. None where
    there was none.
    """
    then = ran()
    if not then:
        return None
    try:
        places = closure(then)[0]
    except ConfigError:
        # What cannot be parsed imports nothing.
        places = then
    files = {place: path for place in {*places, *then} if (path := find(place)) is not None}
    contents = dict(_contents(files.items()))
    now = {place: hashlib.sha256(content).hexdigest() for place, content in contents.items()}
    named = {_name(place, files[place]): content for place, content in contents.items()}
    changed = any(now.get(place) != digest for place, digest in then.items())
    return _packed(named.items()), tuple(sorted(named)), changed


def files_archive(files: Iterable[tuple[str, Path]]) -> bytes:
    """Files by the names that they are to have; what cannot be read, or is larger than code is,
    is left out."""
    return _packed(_contents(files))


def _name(place: str, path: Path) -> str:
    """What a file of a user is called in the archive."""
    if is_path(place):
        return PurePosixPath(place).as_posix()
    parts = place.split(".")
    inner = "/".join((*parts, "__init__")) if path.name == "__init__.py" else "/".join(parts)
    return f"{inner}.py" if parts[0] == FOLDER else f"installed/{inner}.py"


def _contents(files: Iterable[tuple[str, Path]]) -> Iterator[tuple[str, bytes]]:
    for name, path in files:
        try:
            yield name, read_bytes(path, _LARGEST)
        except UnreadableError:
            continue


def _packed(contents: Iterable[tuple[str, bytes]]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in sorted(contents):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def code_files(base: Path | None, package: Path = PACKAGE) -> Iterator[tuple[str, Path]]:
    """(name, path) of every file of the `code_archive`."""
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
