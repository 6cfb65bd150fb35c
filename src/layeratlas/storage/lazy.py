"""Variables of an archive that xarray reads when they are asked for, chunk by chunk."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np
from xarray.backends import BackendArray
from xarray.core.indexing import (
    ExplicitIndexer,
    IndexingSupport,
    VectorizedIndexer,
    explicit_indexing_adapter,
)

from layeratlas.errors import UnreadableError
from layeratlas.storage.chunks import ChunkError, decode, numpy_dtype
from layeratlas.storage.metadata import Array
from layeratlas.storage.ziparchive import ZipArchive
from layeratlas.words import quoted


class LazyArray(BackendArray):
    """A variable as xarray asks for one: shape, dtype, and values by index.

    UnreadableError, which names file and chunk, on reading what is damaged.
    """

    def __init__(self, archive: ZipArchive, array: Array):
        self.archive, self.array = archive, array
        self.shape, self.dtype = array.shape, numpy_dtype(array)

    def __getitem__(self, key: ExplicitIndexer) -> Any:
        if isinstance(key, VectorizedIndexer):
            return explicit_indexing_adapter(key, self.shape, IndexingSupport.OUTER, self._read)
        # Read as it is: xarray takes slices apart, and fails on those that go back to nothing.
        return self._read(key.tuple)

    def _read(self, key: tuple[Any, ...]) -> np.ndarray[Any, Any]:
        """Values at each axis' whole number, slice or array of numbers (outer indexing)."""
        axes = [_pieces(*axis) for axis in zip(key, self.shape, self.array.chunks, strict=True)]
        whole = all(len(pieces) == 1 and pieces[0].whole for pieces, _ in axes)
        if whole:
            out = self._chunk(tuple(pieces[0].chunk for pieces, _ in axes))
        else:
            out = self._empty(tuple(length for _, length in axes))
            for pieces in itertools.product(*(pieces for pieces, _ in axes)):
                chunk = self._chunk(tuple(piece.chunk for piece in pieces))
                to, of = ([getattr(p, name) for p in pieces] for name in ("to", "of"))
                out[_outer(to)] = chunk[_outer(of)]
        dropped = tuple(0 if isinstance(k, int | np.integer) else slice(None) for k in key)
        return np.asarray(out[dropped], self.dtype)

    def _chunk(self, index: tuple[int, ...]) -> np.ndarray[Any, Any]:
        key = self.array.chunk_key(index)
        content = self.archive[key]
        try:
            return decode(content, self.array)
        except ChunkError as error:
            raise UnreadableError(self.archive.path, f"chunk {quoted(key)} {error}") from None
        except MemoryError:
            raise self._too_large() from None

    def _empty(self, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        try:
            return np.empty(shape, self.dtype)
        except MemoryError:
            raise self._too_large() from None

    def _too_large(self) -> UnreadableError:
        return UnreadableError(
            self.archive.path,
            f"variable {quoted(self.array.path)} of shape {quoted(self.shape)} does not fit in "
            "memory: select a part of it",
        )


class _Piece(NamedTuple):
    """Along one axis: a chunk, where its values go, which of its values, and whether all do."""

    chunk: int
    to: Any
    of: Any
    whole: bool = False


def _pieces(key: Any, size: int, step: int) -> tuple[list[_Piece], int]:
    """What `key` asks of an axis of `size` in chunks of `step`, and how many values that is."""
    if isinstance(key, int | np.integer):
        key = range(size)[key]
        key = slice(key, key + 1)
    if isinstance(key, slice):
        positions = range(size)[key]
        if positions.step == 1:
            return _run(positions.start, positions.stop, size, step), len(positions)
        key = np.arange(positions.start, positions.stop, positions.step)
    if len(key) and not (-size <= key.min() and key.max() < size):
        raise IndexError(f"there are {size} along this axis, not {quoted(key)}")
    numbers = np.where(key < 0, key + size, key)
    chunks = numbers // step
    return [
        _Piece(int(chunk), to := np.flatnonzero(chunks == chunk), numbers[to] - chunk * step)
        for chunk in np.unique(chunks)
    ], len(numbers)


def _run(start: int, stop: int, size: int, step: int) -> list[_Piece]:
    pieces = []
    for chunk in range(start // step, -(-stop // step)):
        first = chunk * step
        low, high = max(start, first), min(stop, first + step)
        whole = (start, stop, step) == (0, size, size)
        to, of = slice(low - start, high - start), slice(low - first, high - first)
        pieces.append(_Piece(chunk, to, of, whole))
    return pieces


def _outer(selectors: list[Any]) -> tuple[Any, ...]:
    """Slices as they are; with arrays among them, all as numpy's open mesh."""
    if all(isinstance(selector, slice) for selector in selectors):
        return tuple(selectors)
    return np.ix_(*(np.arange(s.start, s.stop) if isinstance(s, slice) else s for s in selectors))
