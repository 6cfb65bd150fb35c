"""A read-only zarr store on a published zip that gives right bytes or an error.

zarr's own ZipStore also reads these files, but takes a missing chunk for fill values, checks no
CRC of a part, shares one file offset behind a lock, and opens what stands at the path by then in
another process. So members come from our `ZipArchive`; all that zarr asks of a store besides
(byte ranges, listings, refusing to write) is its MemoryStore's, which takes any mapping.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator, MutableMapping
from typing import Any, NoReturn

from zarr.abc.buffer import Buffer
from zarr.buffer import cpu
from zarr.storage import MemoryStore

from layeratlas.errors import StoreError
from layeratlas.storage.ziparchive import ZipArchive


class ZipReader(MemoryStore):
    """Zarr store over the file that stood at `path` when it was opened.

    A copy sent to another process refuses a file that was replaced in between. StoreError as of
    `ZipArchive`.
    """

    supports_writes = False
    supports_deletes = False

    def __init__(self, path: str | os.PathLike[str]):
        self.archive = ZipArchive(path)
        super().__init__(_Buffers(self.archive), read_only=True)

    def close(self) -> None:
        """Free the file; reading afterwards is an error. Closing twice is fine."""
        super().close()
        self.archive.close()

    async def list_dir(self, prefix: str) -> AsyncIterator[str]:
        # MemoryStore collects names in a set: their order would differ from process to process.
        for name in sorted([name async for name in super().list_dir(prefix)]):
            yield name

    def __eq__(self, other: object) -> bool:
        # Two handles on one path may show two versions.
        return self is other

    __hash__ = object.__hash__

    def __str__(self) -> str:
        return f"zip://{self.archive.path}"

    def __repr__(self) -> str:
        return f"ZipReader({str(self.archive.path)!r})"

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.archive.path.absolute(), "identity": self.archive.identity}

    def __setstate__(self, state: dict[str, Any]) -> None:
        ZipReader.__init__(self, state["path"])
        if self.archive.identity != state["identity"]:
            self.close()
            raise StoreError(
                f"{state['path']} was replaced since it was opened elsewhere: open the new version."
            )


class _Buffers(MutableMapping[str, Buffer]):
    """Members as zarr's buffers, read when they are asked for."""

    def __init__(self, archive: ZipArchive):
        self._archive = archive

    def __getitem__(self, key: str) -> Buffer:
        return cpu.Buffer.from_bytes(self._archive[key])

    def __contains__(self, key: object) -> bool:
        return key in self._archive

    def __iter__(self) -> Iterator[str]:
        return iter(self._archive)

    def __len__(self) -> int:
        return len(self._archive)

    def __setitem__(self, key: str, value: Buffer) -> NoReturn:
        raise StoreError(f"{self._archive.path} is read-only: publish a new version instead.")

    def __delitem__(self, key: str) -> NoReturn:
        raise StoreError(f"{self._archive.path} is read-only: publish a new version instead.")
