"""Bytes of an archive by position: of a file here, or of whatever else reads alike."""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from typing import Protocol

from layeratlas.bounded.files import open_regular
from layeratlas.errors import UnreadableError


class Bytes(Protocol):
    """What an archive is read from; `layeratlas.storage.remote` has another."""

    @property
    def size(self) -> int:
        """Bytes in all."""

    def read(self, length: int, offset: int) -> bytes:
        """`length` bytes from `offset`; fewer where the file ends. OSError or UnreadableError."""

    def close(self) -> None:
        """Free it. Closing twice is fine."""


class LocalFile:
    """A regular file, as it stood when it was opened.

    Reads are positional: no shared offset, so no lock, and safe after a fork. UnreadableError when
    there is none, or it is something else.
    """

    def __init__(self, path: str | os.PathLike[str]):
        self.path = Path(path)
        try:
            self._descriptor = open_regular(path)
        except UnreadableError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                raise UnreadableError(
                    path, "does not exist: build it first, or check the name"
                ) from None
            raise
        # Closes with the last user, without the warning a file object would give.
        self._finalizer = weakref.finalize(self, os.close, self._descriptor)

    @property
    def size(self) -> int:
        """Bytes in all."""
        return os.fstat(self._descriptor).st_size

    def read(self, length: int, offset: int) -> bytes:
        """`length` bytes from `offset`; fewer where the file ends."""
        if not self._finalizer.alive:
            raise UnreadableError(self.path, "is closed: open it again to read from it")
        return os.pread(self._descriptor, length, offset)

    def close(self) -> None:
        """Free the file; reading afterwards is an error. Closing twice is fine."""
        self._finalizer()
