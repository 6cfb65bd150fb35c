"""A published zip, opened for reading: its members, whole and checked, or an error.

`zipfile` reads the directory. Members are read here, because a result file needs more than it
gives: reads are positional (no shared offset, so no lock, and safe after a fork), each is checked
against its CRC, and the archive is checked to be a whole Zarr hierarchy when it is opened.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import struct
import weakref
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from layeratlas.errors import StoreError

_LOCAL_HEADER = struct.Struct("<4s22xHH")
# zarr probes for metadata that need not be there; every other member must be.
_METADATA = frozenset({"zarr.json", ".zarray", ".zgroup", ".zattrs"})


class ZipArchive(Mapping[str, bytes]):
    """Members of the file that stood at `path` when it was opened, by name, sorted.

    The open handle keeps showing that file when another is published over it. StoreError when the
    file is missing, truncated, incomplete or something else, and on reading a damaged member.
    """

    def __init__(self, path: str | os.PathLike[str]):
        self.path = Path(path)
        self._descriptor: int | None = None
        try:
            with self.path.open("rb") as file, zipfile.ZipFile(file) as archive:
                members = archive.infolist()
                descriptor = os.dup(file.fileno())
        except FileNotFoundError:
            raise StoreError(
                f"{self.path} does not exist: build it first, or check the name."
            ) from None
        except OSError as error:
            raise StoreError(f"could not read {self.path}: {error.strerror or error}.") from error
        except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError) as error:
            raise StoreError(
                f"{self.path} is not a whole zip archive ({error}): it is truncated, damaged or "
                "another format; publish it again."
            ) from error
        self._descriptor = descriptor
        # Closes with the last user, without the warning a file object would give.
        self._finalizer = weakref.finalize(self, os.close, descriptor)
        self._members = {member.filename: member for member in members}
        try:
            if len(self._members) != len(members):
                self._refuse("a member is there twice")
            self._groups = self._check_complete()
        except StoreError:
            self.close()
            raise

    @property
    def identity(self) -> str:
        """Hash over names, sizes and checksums of all members."""
        listing = sorted((m.filename, m.file_size, m.CRC) for m in self._members.values())
        return hashlib.sha256(repr(listing).encode()).hexdigest()

    @property
    def groups(self) -> list[str]:
        """Paths of the groups, "/" first."""
        return sorted(self._groups)

    def __getitem__(self, key: str) -> bytes:
        """All bytes of a member, checked. KeyError for metadata that need not be there."""
        if key not in self._members:
            if key.rpartition("/")[2] in _METADATA:
                raise KeyError(key)
            self._refuse(f"chunk {key} is missing")
        member = self._members[key]
        if self._descriptor is None:
            raise StoreError(f"{self.path} is closed: open it again to read from it.")
        if member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 0x1:
            self._refuse(f"member {key} is compressed or encrypted")
        try:
            header = os.pread(self._descriptor, _LOCAL_HEADER.size, member.header_offset)
            signature, name_length, extra_length = _LOCAL_HEADER.unpack(header)
            start = member.header_offset + _LOCAL_HEADER.size
            name = os.pread(self._descriptor, name_length, start)
            content = os.pread(
                self._descriptor, member.file_size, start + name_length + extra_length
            )
        except (OSError, OverflowError, MemoryError, ValueError, struct.error) as error:
            self._refuse(f"member {key} cannot be read: {error}", error)
        if signature != b"PK\x03\x04" or name != key.encode():
            self._refuse(f"member {key} is not where the directory says")
        if len(content) != member.file_size or zlib.crc32(content) != member.CRC:
            self._refuse(f"the checksum of member {key} does not match")
        return content

    def __contains__(self, key: object) -> bool:
        return key in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._members))

    def __len__(self) -> int:
        return len(self._members)

    def close(self) -> None:
        """Free the file; reading afterwards is an error. Closing twice is fine."""
        self._descriptor = None
        self._finalizer()

    def _refuse(self, what: str, cause: Exception | None = None) -> NoReturn:
        raise StoreError(f"{self.path} is damaged: {what}. Publish it again.") from cause

    def _check_complete(self) -> set[str]:
        """The groups; refuses an archive in which a chunk, variable or group is missing or spare.

        A reader of zarr would take what is missing for fill values.
        """
        if "zarr.json" not in self._members:
            raise StoreError(
                f"{self.path} is a zip archive without zarr.json: not a Zarr v3 hierarchy."
            )
        expected: set[str] = set()
        groups: set[str] = set()
        arrays: set[str] = set()
        for key in self._members:
            if key.rpartition("/")[2] != "zarr.json":
                continue
            expected.add(key)
            prefix = key.removesuffix("zarr.json")
            try:
                metadata = json.loads(self[key])
                if metadata["node_type"] == "group":
                    groups.add("/" + prefix.rstrip("/"))
                else:
                    arrays.add(prefix)
                    expected.update(prefix + chunk for chunk in _chunk_keys(metadata))
            except (ValueError, KeyError, TypeError) as error:
                self._refuse(f"{key} is not Zarr v3 metadata ({error!r})", error)
        nodes = arrays | {group[1:] for group in groups}
        orphans = {
            node
            for node in nodes
            if node and "/" + node.rstrip("/").rpartition("/")[0] not in groups
        }
        if missing := expected - self._members.keys():
            self._refuse(f"{len(missing)} chunks are missing, for example {min(missing)}")
        if spare := self._members.keys() - expected:
            self._refuse(f"{len(spare)} members belong to nothing, such as {min(spare)}")
        if orphans:
            self._refuse(f"the group around {min(orphans)} is missing")
        return groups


def _chunk_keys(metadata: dict[str, Any]) -> list[str]:
    """Keys of all chunks of an array: "c/0/1", …, or "c" for a scalar."""
    encoding = metadata["chunk_key_encoding"]
    if metadata["chunk_grid"]["name"] != "regular" or encoding["name"] != "default":
        raise ValueError("only regular chunks with default keys are read")
    separator = encoding.get("configuration", {}).get("separator", "/")
    chunks = metadata["chunk_grid"]["configuration"]["chunk_shape"]
    counts = [math.ceil(n / step) for n, step in zip(metadata["shape"], chunks, strict=True)]
    return [separator.join(["c", *map(str, index)]) for index in np.ndindex(*counts)]
