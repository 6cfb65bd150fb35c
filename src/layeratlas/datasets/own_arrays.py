"""Arrays of the user's own: an `.npz`, or a folder of `.npy` files, read as somebody else's.

A header says what an array is; no more is read than it promises, in blocks of rows, and nothing is
unpickled. Rows are picked on the way, so a large file never stands in memory whole.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from layeratlas.bounded.files import MIB
from layeratlas.datasets.own_files import opened, shown
from layeratlas.words import listed, quoted, suggestion

_BLOCK = 16 * MIB
_LONGEST_HEADER = 10_000
_MOST_BYTES = 1 << 40
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Header:
    """What an array is, before any of it is read."""

    shape: tuple[int, ...]
    dtype: np.dtype
    column_major: bool


def names_in(path: Path) -> list[str]:
    """Arrays of an `.npz`, or of a folder, whose `.npy` files they are called after.

    ValueError, a sentence, for what is neither.
    """
    if path.is_dir():
        return sorted(file.stem for file in path.glob("*.npy"))
    with _archive(path) as archive:
        return sorted(n.removesuffix(".npy") for n in archive.namelist() if n.endswith(".npy"))


def look_through(path: Path, name: str) -> dict[str, Any]:
    """Shape, type and range of an array, as plain JSON.

    ValueError, a sentence, for an array that is not there, is of objects or text, or holds a value
    that is no finite number of 32 bits.
    """
    low, high = math.inf, -math.inf
    with _stream(path, name) as (header, stream):
        for first, block in _blocks(header, stream, path, name):
            if header.dtype.kind == "f":
                wrong = ~np.isfinite(block)
                if header.dtype.itemsize > 4:
                    wrong |= np.abs(block) > _LARGEST
                if wrong.any():
                    row = first + int(np.flatnonzero(wrong.reshape(len(block), -1).any(axis=1))[0])
                    raise ValueError(
                        f"{shown(path)}: {quoted(name, 30)} has NaN, infinity or a number too "
                        f"large for 32 bits, first in row {row} (the first row is 0); take such "
                        "rows out, or fill them in"
                    )
            if block.size:
                low, high = min(low, block.min().item()), max(high, block.max().item())
    return {
        "shape": list(header.shape),
        "kind": header.dtype.kind,
        "range": [low, high] if math.isfinite(low) else None,
    }


def rows_of(path: Path, name: str, index: np.ndarray | None = None) -> np.ndarray:
    """The rows `index` of an array, in that order and of the array's own type; None: all."""
    with _stream(path, name) as (header, stream):
        wanted = np.arange(header.shape[0]) if index is None else np.asarray(index)
        order = np.argsort(wanted, kind="stable")
        ascending = wanted[order]
        out = np.empty((len(wanted), *header.shape[1:]), header.dtype.newbyteorder("="))
        for first, block in _blocks(header, stream, path, name):
            a, b = np.searchsorted(ascending, (first, first + len(block)))
            out[order[a:b]] = block[ascending[a:b] - first]
    return out


@contextmanager
def _stream(path: Path, name: str) -> Iterator[tuple[Header, BinaryIO]]:
    if path.is_dir():
        file = path / f"{name}.npy"
        if not file.is_file():
            raise ValueError(_missing(path, name))
        with opened(file) as stream:
            yield _header(stream, path, name), stream
        return
    with _archive(path) as archive:
        if f"{name}.npy" not in archive.namelist():
            raise ValueError(_missing(path, name))
        with archive.open(f"{name}.npy") as member:
            yield _header(member, path, name), member  # type: ignore[arg-type, misc]


def _missing(path: Path, name: str) -> str:
    known = names_in(path)
    return (
        f"{shown(path)} has no array {quoted(name, 30)}; {suggestion(name, known)}"
        f"it has: {listed(known, 80) or 'none'}"
    )


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    with opened(path) as file:
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
            raise ValueError(
                f"{shown(path)} is no .npz; give one, or a folder of .npy files"
            ) from None
        with archive:
            try:
                yield archive
            except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError) as e:
                raise ValueError(f"{shown(path)} is damaged: {e}") from None


def _header(stream: BinaryIO, path: Path, name: str) -> Header:
    where = f"{shown(path)}: {quoted(name, 30)}"
    try:
        version = np.lib.format.read_magic(stream)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, column_major, dtype = read(stream, max_header_size=_LONGEST_HEADER)
    except (ValueError, KeyError, SyntaxError, RecursionError, TypeError):
        raise ValueError(f"{where} is no array of numpy") from None
    if dtype.hasobject:
        raise ValueError(
            f"{where} holds Python objects, which would have to be run to be read; save an array "
            "of numbers"
        )
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        raise ValueError(f"{where} is of type {dtype}; expected real or whole numbers")
    if not shape:
        raise ValueError(f"{where} is a single number; expected a row for each sample")
    if any(n < 0 for n in shape) or math.prod(shape) * dtype.itemsize > _MOST_BYTES:
        raise ValueError(f"{where} has the shape {shape}: more than can be read")
    return Header(tuple(shape), dtype, column_major)


def _blocks(
    header: Header, stream: BinaryIO, path: Path, name: str
) -> Iterator[tuple[int, np.ndarray]]:
    """(first row, rows) of an array, in order; of one stored column by column all at once."""
    n, *rest = header.shape
    row = math.prod(rest) * header.dtype.itemsize
    native = header.dtype.newbyteorder("=")
    step = n if header.column_major else max(1, _BLOCK // max(row, 1))
    for first in range(0, n, step):
        count = min(step, n - first)
        content = stream.read(count * row)
        if len(content) != count * row:
            raise ValueError(f"{shown(path)}: {quoted(name, 30)} ends before its last row")
        values = np.frombuffer(content, header.dtype)
        if header.column_major:
            values = values.reshape(header.shape, order="F")
        yield first, values.reshape(count, *rest).astype(native, copy=False)
