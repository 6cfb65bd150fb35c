"""A crate as files by name, whether it is a folder or a zip; whoever packed it."""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Protocol

from layeratlas.bounded.files import MIB, open_regular
from layeratlas.errors import UnreadableError
from layeratlas.provenance.crate.layout import METADATA
from layeratlas.words import quoted

_MOST_FILES = 100_000
# Text shrinks to a tenth; what shrinks to a thousandth was made to.
_RATIO = 200
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


class Container(Protocol):
    """Files by their names in a crate; errors are UnreadableError."""

    def names(self) -> list[str]:
        """Names of all files, with `/` between folders."""

    def open(self, name: str) -> IO[bytes]:
        """A file to read; KeyError where there is none."""


def is_crate(path: str | os.PathLike[str]) -> bool:
    """Whether `path` is a crate: a folder or zip that has an RO-Crate's metadata at its top."""
    if os.path.isdir(path):  # noqa: PTH112  (never an error)
        return os.path.isfile(Path(path) / METADATA)  # noqa: PTH113
    if not os.fspath(path).lower().endswith(".zip") or not os.path.isfile(path):  # noqa: PTH113
        return False
    try:
        with opened(Path(path)) as container:
            return METADATA in container.names()
    except UnreadableError:
        return False


@contextmanager
def opened(path: Path) -> Iterator[Container]:
    """The crate at `path`. UnreadableError where it is no whole folder or zip."""
    with ExitStack() as open_files:
        if path.is_dir():
            yield _Folder(path)
            return
        file = open_files.enter_context(open(open_regular(path), "rb"))  # noqa: PTH123
        try:
            archive = open_files.enter_context(zipfile.ZipFile(file))
        except _FAULTS as error:
            raise UnreadableError(path, f"is no whole zip ({error})") from error
        yield _Zip(path, archive)


def read_all(container: Container, name: str, path: Path, most: int) -> bytes:
    """All bytes of a file of the crate at `path`, at most `most`."""
    try:
        with container.open(name) as file:
            content = file.read(most + 1)
    except KeyError:
        raise UnreadableError(path, f"has no {name}") from None
    except (OSError, *_FAULTS) as error:
        raise UnreadableError(path, f"has a {name} that cannot be read: {error}") from error
    if len(content) > most:
        raise UnreadableError(path, f"has a {name} of more than {most} bytes")
    return content


def digest_in(container: Container, name: str, path: Path) -> str:
    """sha256 of a file of the crate at `path`."""
    try:
        with container.open(name) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    except (OSError, KeyError, *_FAULTS) as error:
        raise UnreadableError(path, f"has a {quoted(name)} that cannot be read: {error}") from error


class _Folder:
    def __init__(self, path: Path):
        self._path = path

    def names(self) -> list[str]:
        found = []
        for folder, _, files in os.walk(self._path):
            found += [(Path(folder) / name).relative_to(self._path).as_posix() for name in files]
            if len(found) > _MOST_FILES:
                raise UnreadableError(self._path, f"has more than {_MOST_FILES} files")
        return sorted(found)

    def open(self, name: str) -> IO[bytes]:
        place = self._path / name
        true = os.path.realpath(place)
        if not Path(true).is_relative_to(os.path.realpath(self._path)):
            raise UnreadableError(place, "is a link that leaves the crate")
        return open(open_regular(place), "rb")  # noqa: PTH123


class _Zip:
    def __init__(self, path: Path, archive: zipfile.ZipFile):
        self._path, self._archive = path, archive

    def names(self) -> list[str]:
        found = [member.filename for member in self._archive.infolist() if not member.is_dir()]
        if len(found) > _MOST_FILES:
            raise UnreadableError(self._path, f"has more than {_MOST_FILES} files")
        if len(set(found)) < len(found):
            raise UnreadableError(self._path, "has two files of one name")
        return sorted(found)

    def open(self, name: str) -> IO[bytes]:
        member = self._archive.getinfo(name)
        if member.file_size > _RATIO * member.compress_size + MIB:
            raise UnreadableError(
                self._path,
                f"has a {quoted(name)} of {member.file_size} bytes in {member.compress_size}",
            )
        return self._archive.open(member)
