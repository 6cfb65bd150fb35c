"""Chunks: bytes of an archive to values, or an error.

A chunk is a frame of blosc and the CRC-32C of it. The frame's header says what it unpacks to, and
is held against what the metadata says before anything is unpacked.
"""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np

from layeratlas.storage.blocks import STRING
from layeratlas.storage.metadata import Array, typesize

LONGEST_TEXT = 8 << 20
"""Bytes of all text in one chunk, lengths included, at most."""
_HEADER = struct.Struct("<4B3L")  # of blosc: versions, flags, typesize; bytes out, block, bytes in
_CHECKSUM = 4
FRAME_BYTES = _HEADER.size + _CHECKSUM
"""Of a chunk, at most, beside what is packed in it."""
_ZSTD = 4


class ChunkError(ValueError):
    """A chunk does not hold what the metadata says; in words, why."""


def numpy_dtype(array: Array) -> np.dtype[Any]:
    """The type of values in memory."""
    return np.dtypes.StringDType() if array.dtype == STRING else np.dtype(array.dtype)


def decode(content: bytes, array: Array) -> np.ndarray[Any, Any]:
    """The values of a whole chunk, of shape `array.chunks`. ChunkError where it is damaged."""
    import google_crc32c
    from numcodecs import blosc

    frame, checksum = content[:-_CHECKSUM], content[-_CHECKSUM:]
    if len(content) < FRAME_BYTES:
        raise ChunkError("is cut off")
    if google_crc32c.value(frame) != int.from_bytes(checksum, "little"):
        raise ChunkError("does not fit its own checksum")
    _, _, flags, size, unpacked, _, packed = _HEADER.unpack_from(frame)
    if flags >> 5 != _ZSTD or size != typesize(array.dtype) or packed != len(frame):
        raise ChunkError("is packed as none is written")
    text = array.dtype == STRING
    if unpacked > LONGEST_TEXT if text else unpacked != array.chunk_bytes:
        right = f"at most {LONGEST_TEXT}" if text else array.chunk_bytes
        raise ChunkError(f"would unpack to {unpacked} bytes; {right} are right")
    out = (
        np.empty(unpacked, np.uint8)
        if text
        else np.empty(array.chunks, numpy_dtype(array).newbyteorder("<"))
    )
    try:
        blosc.decompress(frame, out)
    except (RuntimeError, ValueError) as error:
        raise ChunkError(f"cannot be unpacked ({error})") from None
    if text:
        return _text(out, array)
    if array.dtype == "bool" and out.view(np.uint8).max() > 1:
        raise ChunkError("holds what is neither true nor false")
    return out


def _text(content: np.ndarray[Any, Any], array: Array) -> np.ndarray[Any, Any]:
    from numcodecs.vlen import VLenUTF8

    count = int.from_bytes(content[:4].tobytes(), "little")
    if len(content) < 4 or count != math.prod(array.chunks):
        raise ChunkError(f"holds {count} texts; {math.prod(array.chunks)} are right")
    try:
        values = VLenUTF8().decode(content)
    except ValueError as error:
        raise ChunkError(f"holds no text in UTF-8 ({error})") from None
    return values.astype(np.dtypes.StringDType()).reshape(array.chunks)
