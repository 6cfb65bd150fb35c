"""A published zip, opened for reading: its members, whole and checked, or an error.

Each member that is read is checked against its CRC, and the archive is checked to be a whole
hierarchy of ours when it is opened.

Of a file on a web server opening asks for the directory, for the root's metadata, which hold those
of all nodes, and for the coordinates, which all lie at the end of the file (`archive.py`): one to
four requests, `layeratlas.storage.remote`.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layeratlas.errors import UnreadableError
from layeratlas.storage.addresses import is_address, shown
from layeratlas.storage.consolidated import inner_documents
from layeratlas.storage.files import Bytes, LocalFile
from layeratlas.storage.hierarchy import LARGEST_ROOT, HierarchyError, read_hierarchy
from layeratlas.storage.metadata import Group
from layeratlas.storage.names import METADATA
from layeratlas.storage.zipdirectory import (
    DirectoryError,
    Member,
    check_local_header,
    read_directory,
)
from layeratlas.words import quoted

if TYPE_CHECKING:
    from layeratlas.storage.remote import RemoteFile

AGAIN = "; publish it again"
"""What to do about a damaged file, at the end of the reasons here."""


class ZipArchive(Mapping[str, bytes]):
    """Members of the file that stood at `path`, or at the address `https://…`, when it was opened,
    by name, sorted.

    The open handle keeps showing that file when another is published over it (or, of a file
    elsewhere, says that another was); a copy sent to another process refuses a file that was
    replaced in between. UnreadableError when the file is missing, truncated, incomplete or
    something else, and on reading a damaged member.
    """

    path: Path | str
    """Where it lies: a path, or an address without what may be secret in it."""
    groups: dict[str, Group]
    """Groups by path, "/" first, with their variables."""

    def __init__(self, path: str | os.PathLike[str]):
        self._file: Bytes
        self._remote: RemoteFile | None = None
        if is_address(path):
            from layeratlas.storage.remote import RemoteFile

            self.path, self._where = shown(path), path
            self._file = self._remote = RemoteFile(path)
        else:
            self.path = Path(path)
            self._where = os.fspath(self.path.absolute())
            self._file = LocalFile(path)
        try:
            self._members = self._read_directory()
            sizes = {name: member.size for name, member in self._members.items()}
            self.groups = read_hierarchy(sizes, self._documents())
            if self._remote is not None:
                self._bring_coordinates(self._remote)
        except HierarchyError as error:
            self.close()
            raise UnreadableError(self.path, f"{error}{AGAIN}") from None
        except UnreadableError:
            self.close()
            raise

    def _read_directory(self) -> dict[str, Member]:
        try:
            return read_directory(self._file)
        except DirectoryError as error:
            raise UnreadableError(
                self.path,
                f"is not a whole zip archive of a cube ({error}): it is truncated, damaged or of "
                f"another format{AGAIN}",
            ) from None
        except OSError as error:
            raise UnreadableError(self.path, f"cannot be read: {error.strerror}") from error

    def _documents(self) -> Mapping[str, bytes]:
        """Metadata by member. Of a file elsewhere those in the root's, where it has them: members
        of the same size and checksum are not read again."""
        root = self._members.get(METADATA)
        if self._remote is None or root is None or root.size > LARGEST_ROOT:
            return self
        found = inner_documents(self[METADATA])
        if found is None:
            return self
        for name, content in found.items():
            member = self._members.get(name)
            if member is None or (len(content), zlib.crc32(content)) != (member.size, member.crc):
                raise HierarchyError(f"member {quoted(name)} is not what {METADATA} says of it")
        for name in self._members:
            if name.rpartition("/")[2] == METADATA and name not in (METADATA, *found):
                raise HierarchyError(f"{METADATA} says nothing of member {quoted(name)}")
        return {METADATA: self[METADATA], **found}

    def _bring_coordinates(self, file: RemoteFile) -> None:
        """In one request where they lie together: xarray reads them as soon as a file is opened."""
        members = [
            self._members[key]
            for group in self.groups.values()
            for name, array in group.arrays.items()
            if array.dims == (name,)
            for key in array.chunk_keys()
        ]
        if members:
            first = min(member.header for member in members)
            length = max(member.start + member.size for member in members) - first
            inside = sum(member.start + member.size - member.header for member in members)
            if length <= max(2 * inside, 4096):
                file.read(length, first)

    @property
    def identity(self) -> str:
        """Hash over names, sizes and checksums of all members."""
        listing = [(name, member.size, member.crc) for name, member in self._members.items()]
        return hashlib.sha256(repr(listing).encode()).hexdigest()

    def __getitem__(self, key: str) -> bytes:
        """All bytes of a member, checked; KeyError where there is none of that name."""
        member = self._members[key]
        before, length = member.start - member.header, member.start + member.size - member.header
        try:
            if self._remote is None:
                found = self._file.read(length, member.header)
            else:
                from layeratlas.storage.remote import AHEAD

                ahead = 0 if key.endswith(METADATA) else AHEAD
                found = self._remote.read(length, member.header, ahead)
            check_local_header(found[:before], key, member)
        except DirectoryError as error:
            raise UnreadableError(self.path, f"{error}{AGAIN}") from None
        except OSError as error:
            raise UnreadableError(
                self.path, f"member {quoted(key)} cannot be read: {error.strerror}"
            ) from error
        content = found[before:]
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
        self._file.close()

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self._where, "identity": self.identity}

    def __setstate__(self, state: dict[str, Any]) -> None:
        ZipArchive.__init__(self, state["path"])
        if self.identity != state["identity"]:
            self.close()
            raise UnreadableError(
                self.path, "was replaced since it was opened elsewhere: open the new version"
            )
