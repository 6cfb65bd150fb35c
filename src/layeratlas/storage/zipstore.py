"""A read-only zarr store on a published zip that gives right bytes or an error.

zarr's own ZipStore also reads these files. This one adds what a result file needs: a missing
chunk is an error and not fill values, every member is checked against its CRC, the archive is
checked to be whole when opened, reads are positional (no lock; safe after a fork), and a copy
sent to another process refuses a file that was replaced in between.
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
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from zarr.abc.store import OffsetByteRequest, RangeByteRequest, Store, SuffixByteRequest

from layeratlas.errors import StoreError

if TYPE_CHECKING:  # names for types move between versions of zarr
    from zarr.abc.store import ByteRequest
    from zarr.core.buffer import Buffer, BufferPrototype

_LOCAL_HEADER = struct.Struct("<4s22xHH")


class ZipReader(Store):
    """Zarr store over the file that stood at `path` when it was opened.

    The open handle keeps showing that file when another is published over it.
    StoreError when the file is missing, truncated, incomplete or something else.
    """

    supports_writes = False
    supports_deletes = False
    supports_listing = True

    def __init__(self, path: str | os.PathLike[str]):
        super().__init__(read_only=True)
        self.path = Path(path)
        self._open_file()

    def _open_file(self) -> None:
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
                raise self._damaged("a member is there twice")
            self._check_complete()
        except StoreError:
            self.close()
            raise
        self._is_open = True

    @property
    def identity(self) -> str:
        """Hash over names, sizes and checksums of all members."""
        listing = sorted((m.filename, m.file_size, m.CRC) for m in self._members.values())
        return hashlib.sha256(repr(listing).encode()).hexdigest()

    @property
    def groups(self) -> list[str]:
        """Paths of the groups, "/" first."""
        return sorted(self._groups)

    @property
    def keys(self) -> list[str]:
        """Names of all members."""
        return sorted(self._members)

    def read(self, key: str) -> bytes:
        """All bytes of the member `key`, checked. KeyError when there is no such member."""
        member = self._members[key]
        if self._descriptor is None:
            raise StoreError(f"{self.path} is closed: open it again to read from it.")
        if member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 0x1:
            raise self._damaged(f"member {key} is compressed or encrypted")
        try:
            header = os.pread(self._descriptor, _LOCAL_HEADER.size, member.header_offset)
            signature, name_length, extra_length = _LOCAL_HEADER.unpack(header)
            start = member.header_offset + _LOCAL_HEADER.size
            name = os.pread(self._descriptor, name_length, start)
            content = os.pread(
                self._descriptor, member.file_size, start + name_length + extra_length
            )
        except (OSError, OverflowError, MemoryError, ValueError, struct.error) as error:
            raise self._damaged(f"member {key} cannot be read: {error}") from error
        if signature != b"PK\x03\x04" or name != key.encode():
            raise self._damaged(f"member {key} is not where the directory says")
        if len(content) != member.file_size or zlib.crc32(content) != member.CRC:
            raise self._damaged(f"the checksum of member {key} does not match")
        return content

    def _damaged(self, what: str) -> StoreError:
        return StoreError(f"{self.path} is damaged: {what}. Publish it again.")

    def _check_complete(self) -> None:
        """Refuse an archive in which a chunk, a variable or a group is missing or spare."""
        if "zarr.json" not in self._members:
            raise StoreError(
                f"{self.path} is a zip archive without zarr.json: not a Zarr v3 hierarchy."
            )
        expected: set[str] = set()
        self._groups: set[str] = set()
        arrays = set()
        for key in self._members:
            if key.rpartition("/")[2] != "zarr.json":
                continue
            expected.add(key)
            prefix = key.removesuffix("zarr.json")
            try:
                metadata = json.loads(self.read(key))
                if metadata["node_type"] == "group":
                    self._groups.add("/" + prefix.rstrip("/"))
                else:
                    arrays.add(prefix)
                    expected.update(prefix + chunk for chunk in _chunk_keys(metadata))
            except (ValueError, KeyError, TypeError) as error:
                raise self._damaged(f"{key} is not Zarr v3 metadata ({error!r})") from error
        nodes = arrays | {group[1:] for group in self._groups}
        orphans = {
            node
            for node in nodes
            if node and "/" + node.rstrip("/").rpartition("/")[0] not in self._groups
        }
        if missing := expected - self._members.keys():
            raise self._damaged(f"{len(missing)} chunks are missing, for example {min(missing)}")
        if spare := self._members.keys() - expected:
            raise self._damaged(f"{len(spare)} members belong to nothing, such as {min(spare)}")
        if orphans:
            raise self._damaged(f"the group around {min(orphans)} is missing")

    # What zarr asks of a store

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__

    def __str__(self) -> str:
        return f"zip://{self.path}"

    def __repr__(self) -> str:
        return f"ZipReader({str(self.path)!r})"

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path.absolute(), "identity": self.identity}

    def __setstate__(self, state: dict[str, Any]) -> None:
        ZipReader.__init__(self, state["path"])
        if self.identity != state["identity"]:
            self.close()
            raise StoreError(
                f"{self.path} was replaced since it was opened elsewhere: open the new version."
            )

    def close(self) -> None:
        """Free the file; reading afterwards is an error. Closing twice is fine."""
        super().close()
        self._descriptor = None
        self._finalizer()

    async def get(
        self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        if key not in self._members:
            # zarr probes for metadata that need not be there; chunks must be.
            if key.rpartition("/")[2] in {"zarr.json", ".zarray", ".zgroup", ".zattrs"}:
                return None
            raise self._damaged(f"chunk {key} is missing")
        return prototype.buffer.from_bytes(_cut(self.read(key), byte_range))

    async def get_partial_values(
        self, prototype: BufferPrototype, key_ranges: Iterable[tuple[str, ByteRequest | None]]
    ) -> list[Buffer | None]:
        return [await self.get(key, prototype, byte_range) for key, byte_range in key_ranges]

    async def exists(self, key: str) -> bool:
        return key in self._members

    async def set(self, key: str, value: Buffer) -> None:
        raise StoreError(f"{self.path} is read-only: publish a new version instead.")

    async def delete(self, key: str) -> None:
        raise StoreError(f"{self.path} is read-only: publish a new version instead.")

    async def list(self) -> AsyncIterator[str]:
        for key in sorted(self._members):
            yield key

    async def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        for key in sorted(self._members):
            if key.startswith(prefix):
                yield key

    async def list_dir(self, prefix: str) -> AsyncIterator[str]:
        prefix = f"{prefix.strip('/')}/".lstrip("/")
        inside = {
            key[len(prefix) :].partition("/")[0] for key in self._members if key.startswith(prefix)
        }
        for name in sorted(inside):
            yield name


def _chunk_keys(metadata: dict[str, Any]) -> list[str]:
    """Keys of all chunks of an array: "c/0/1", …, or "c" for a scalar."""
    encoding = metadata["chunk_key_encoding"]
    if metadata["chunk_grid"]["name"] != "regular" or encoding["name"] != "default":
        raise ValueError("only regular chunks with default keys are read")
    separator = encoding.get("configuration", {}).get("separator", "/")
    chunks = metadata["chunk_grid"]["configuration"]["chunk_shape"]
    counts = [math.ceil(n / step) for n, step in zip(metadata["shape"], chunks, strict=True)]
    return [separator.join(["c", *map(str, index)]) for index in np.ndindex(*counts)]


def _cut(content: bytes, byte_range: ByteRequest | None) -> bytes:
    if byte_range is None:
        return content
    if isinstance(byte_range, RangeByteRequest):
        return content[byte_range.start : byte_range.end]
    if isinstance(byte_range, OffsetByteRequest):
        return content[byte_range.offset :]
    if isinstance(byte_range, SuffixByteRequest):
        return content[max(0, len(content) - byte_range.suffix) :]
    raise TypeError(f"unknown byte range {byte_range!r}")
