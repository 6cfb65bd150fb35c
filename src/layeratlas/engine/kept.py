"""Weights kept at record points: in memory, or in a file that they stream to as they come.

`Kept` says what training asks of either. Rows that were not kept, or were dropped, read as NaN.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from layeratlas.errors import StoreError


class Rows(Protocol):
    """`(member, record, width)` numbers, read a piece at a time: an array, or `FileRows`."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> Any: ...
    def __getitem__(self, key: Any) -> Any: ...


class Kept(Protocol):
    """Weights and statistics of members at records, by position in the plan."""

    @property
    def theta(self) -> Rows: ...
    @property
    def statistics(self) -> Rows: ...

    def keep(self, members: np.ndarray, record: int, theta: Any, statistics: Any) -> None:
        """Rows `(member, width)` of these members at one record, whatever was kept there."""

    def drop(self, members: np.ndarray, record: int) -> None:
        """Nothing is kept of these members at this record."""

    def to_arrays(self) -> dict[str, np.ndarray]:
        """What a state file must hold so that `restore` finds all of it again."""

    def restore(self, arrays: Mapping[str, np.ndarray]) -> bool:
        """Go on from `to_arrays`; False, and empty, where what they tell of is gone."""

    def discard(self) -> None:
        """All of it has been read: nothing is left behind."""


class KeptInMemory:
    """All of it in two arrays."""

    def __init__(self, members: int, records: int, widths: tuple[int, int], dtype: Any) -> None:
        self.theta, self.statistics = (
            np.full((members, records, width), np.nan, dtype) for width in widths
        )

    def keep(self, members, record, theta, statistics) -> None:
        self.theta[members, record] = theta
        self.statistics[members, record] = statistics

    def drop(self, members, record) -> None:
        self.theta[members, record] = np.nan
        self.statistics[members, record] = np.nan

    def to_arrays(self) -> dict[str, np.ndarray]:
        return {"kept/theta": self.theta, "kept/statistics": self.statistics}

    def restore(self, arrays) -> bool:
        self.theta, self.statistics = (
            np.array(arrays[f"kept/{name}"]) for name in ("theta", "statistics")
        )
        return True

    def discard(self) -> None:
        pass


class KeptInFile:
    """All of it in one file, a row after the other: `(member, record)` of weights and statistics.

    The file is nothing without the state that tells which of its rows count, and their checksums:
    rows that a killed job wrote after its last state are written again.
    """

    def __init__(
        self, path: Path, members: int, records: int, widths: tuple[int, int], dtype: Any
    ) -> None:
        self._path, self._dtype = path, np.dtype(dtype)
        self._shape, self._widths = (members, records), widths
        self._checksums = np.full((members, records), -1, np.int64)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Opened without following a link, and never emptied: a state may tell of what is there.
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        try:
            self._file = os.open(path, flags, 0o644)
        except OSError as error:
            raise StoreError(f"could not write {path}: {error.strerror or error}") from error

    @property
    def theta(self) -> FileRows:
        return FileRows(self, 0, (*self._shape, self._widths[0]))

    @property
    def statistics(self) -> FileRows:
        return FileRows(self, self._widths[0], (*self._shape, self._widths[1]))

    @property
    def dtype(self) -> np.dtype[Any]:
        return self._dtype

    def keep(self, members, record, theta, statistics) -> None:
        for member, *row in zip(np.asarray(members).tolist(), theta, statistics, strict=True):
            checksum, at = 0, self._place(member, record)
            for part in row:
                content = np.ascontiguousarray(part, self._dtype).view(np.uint8).data
                checksum = zlib.crc32(content, checksum)
                self._write(content, at)
                at += len(content)
            self._checksums[member, record] = checksum

    def drop(self, members, record) -> None:
        self._checksums[members, record] = -1

    def to_arrays(self) -> dict[str, np.ndarray]:
        # A state must not tell of rows that a power cut takes.
        os.fsync(self._file)
        return {"kept/checksums": self._checksums}

    def restore(self, arrays) -> bool:
        told = arrays.get("kept/checksums")
        if told is None or told.shape != self._shape or told.dtype != np.int64:
            return False
        places = np.argwhere(told >= 0).tolist()
        if all(self._checksum(*place) == told[tuple(place)] for place in places):
            self._checksums = np.array(told)
            return True
        return False

    def read(self, member: int, record: int, start: int, stop: int) -> np.ndarray:
        """Numbers `start` to `stop` of a row; NaN where nothing is kept."""
        if self._checksums[member, record] < 0:
            return np.full(stop - start, np.nan, self._dtype)
        size = self._dtype.itemsize
        content = self._read((stop - start) * size, self._place(member, record) + start * size)
        return np.frombuffer(content, self._dtype)

    def discard(self) -> None:
        self.close()
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Leave the file to a later job."""
        os.close(self._file)

    def _place(self, member: int, record: int) -> int:
        return (member * self._shape[1] + record) * sum(self._widths) * self._dtype.itemsize

    def _checksum(self, member: int, record: int) -> int | None:
        at, checksum = self._place(member, record), 0
        left = sum(self._widths) * self._dtype.itemsize
        while left:
            content = os.pread(self._file, min(left, 1 << 24), at)
            if not content:
                return None
            checksum = zlib.crc32(content, checksum)
            at, left = at + len(content), left - len(content)
        return checksum

    def _write(self, content: memoryview, at: int) -> None:
        try:
            while content:
                done = os.pwrite(self._file, content, at)
                content, at = content[done:], at + done
        except OSError as error:
            raise StoreError(f"could not write {self._path}: {error.strerror or error}") from error

    def _read(self, size: int, at: int) -> bytearray:
        content = bytearray()
        while len(content) < size:
            part = os.pread(self._file, size - len(content), at + len(content))
            if not part:
                raise StoreError(f"{self._path} has been cut short while it was read")
            content += part
        return content


class FileRows:
    """`Rows` of a file: `rows[members, records, columns]`, each a whole number or a slice."""

    def __init__(self, kept: KeptInFile, offset: int, shape: tuple[int, int, int]) -> None:
        self._kept, self._offset, self.shape = kept, offset, shape
        self.dtype = kept.dtype

    def __getitem__(self, key: Any) -> np.ndarray:
        parts = () if key is ... else key if isinstance(key, tuple) else (key,)
        parts = (*parts, *[slice(None)] * (3 - len(parts)))
        members, records, columns = (_numbers(k, n) for k, n in zip(parts, self.shape, strict=True))
        found = np.empty((len(members), len(records), len(columns)), self.dtype)
        start, stop = (columns[0], columns[-1] + 1) if len(columns) else (0, 0)
        for i, member in enumerate(members):
            for j, record in enumerate(records):
                row = self._kept.read(member, record, self._offset + start, self._offset + stop)
                found[i, j] = row[:: columns.step]
        return found[tuple(0 if isinstance(k, int) else slice(None) for k in parts)]


def _numbers(key: int | slice, size: int) -> range:
    if isinstance(key, slice):
        found = range(size)[key]
        return found if found.step > 0 else range(0)
    number = range(size)[key]
    return range(number, number + 1)
