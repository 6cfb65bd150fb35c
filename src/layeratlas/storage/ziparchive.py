"""A published zip, opened for reading: its members, whole and checked, or an error.

Reads are positional (no shared offset, so no lock, and safe after a fork), each is checked against
its CRC, and the archive is checked to be a whole hierarchy of ours when it is opened.
"""

from __future__ import annotations

import hashlib
import os
import weakref
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from layeratlas.bounded.files import open_regular
from layeratlas.errors import UnreadableError
from layeratlas.storage.hierarchy import HierarchyError, read_hierarchy
from layeratlas.storage.metadata import Group
from layeratlas.storage.zipdirectory import (
    DirectoryError,
    Member,
    check_local_header,
    read_directory,
)
from layeratlas.words import quoted

AGAIN = "; publish it again"
"""What to do about a damaged file, at the end of the reasons here."""


class ZipArchive(Mapping[str, bytes]):
    """Members of the file that stood at `path` when it was opened, by name, sorted.

    The open handle keeps showing that file when another is published over it; a copy sent to
    another process refuses a file that was replaced in between. UnreadableError when the file is
    missing, truncated, incomplete or something else, and on reading a damaged member.
    """

    groups: dict[str, Group]
    """Groups by path, "/" first, with their variables."""

    def __init__(self, path: str | os.PathLike[str]):
        self.path = Path(path)
        try:
            descriptor = open_regular(path)
        except UnreadableError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                raise UnreadableError(
                    path, "does not exist: build it first, or check the name"
                ) from None
            raise
        self._descriptor: int | None = descriptor
        # Closes with the last user, without the warning a file object would give.
        self._finalizer = weakref.finalize(self, os.close, descriptor)
        try:
            self._members = self._read_directory(descriptor)
            sizes = {name: member.size for name, member in self._members.items()}
            self.groups = read_hierarchy(sizes, self)
        except HierarchyError as error:
            self.close()
            raise UnreadableError(self.path, f"{error}{AGAIN}") from None
        except UnreadableError:
            self.close()
            raise

    def _read_directory(self, descriptor: int) -> dict[str, Member]:
        try:
            return read_directory(descriptor)
        except DirectoryError as error:
            raise UnreadableError(
                self.path,
                f"is not a whole zip archive of a cube ({error}): it is truncated, damaged or of "
                f"another format{AGAIN}",
            ) from None
        except OSError as error:
            raise UnreadableError(self.path, f"cannot be read: {error.strerror}") from error

    @property
    def identity(self) -> str:
        """Hash over names, sizes and checksums of all members."""
        listing = [(name, member.size, member.crc) for name, member in self._members.items()]
        return hashlib.sha256(repr(listing).encode()).hexdigest()

    def __getitem__(self, key: str) -> bytes:
        """All bytes of a member, checked; KeyError where there is none of that name."""
        member = self._members[key]
        if self._descriptor is None:
            raise UnreadableError(self.path, "is closed: open it again to read from it")
        try:
            check_local_header(self._descriptor, key, member)
            content = os.pread(self._descriptor, member.size, member.start)
        except DirectoryError as error:
            raise UnreadableError(self.path, f"{error}{AGAIN}") from None
        except OSError as error:
            raise UnreadableError(
                self.path, f"member {quoted(key)} cannot be read: {error.strerror}"
            ) from error
        if len(content) != member.size or zlib.crc32(content) != member.crc:
            raise UnreadableError(
                self.path,
                f"is damaged: the checksum of member {quoted(key)} does not match{AGAIN}",
            )
        return content

    def __contains__(self, key: object) -> bool:
        return key in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __eq__(self, other: object) -> bool:
        # Two handles on one path may show two versions.
        return self is other

    __hash__ = object.__hash__

    def close(self) -> None:
        """Free the file; reading afterwards is an error. Closing twice is fine."""
        self._descriptor = None
        self._finalizer()

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path.absolute(), "identity": self.identity}

    def __setstate__(self, state: dict[str, Any]) -> None:
        ZipArchive.__init__(self, state["path"])
        if self.identity != state["identity"]:
            self.close()
            raise UnreadableError(
                self.path, "was replaced since it was opened elsewhere: open the new version"
            )
