"""The MNIST family: IDX files, gzipped as they are distributed or unpacked."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from layeratlas.bounded.files import MIB, open_regular
from layeratlas.datasets.folders import brief
from layeratlas.datasets.readers import Arrays, Paths
from layeratlas.errors import DatasetError

_GZIP = b"\x1f\x8b"
_UNSIGNED_BYTE = 0x08
_MOST_DIMS = 4
_MOST_VALUES = 256 * MIB  # five times the largest file of the family


def read_idx(paths: Paths) -> Arrays:
    """The MNIST family: four IDX files, each gzipped or not."""
    arrays = {role: _idx_array(path) for role, path in paths.items()}
    for role in ("train_images", "test_images"):
        arrays[role] = arrays[role][:, np.newaxis]  # one channel
    return arrays


def _idx_array(path: Path) -> np.ndarray:
    """One IDX file: 0, 0, type, number of dimensions, each dimension (big-endian), values.

    No more is unpacked than the header promises, and that is bounded.
    """
    try:
        with open(open_regular(path), "rb") as plain:  # noqa: PTH123  (a descriptor)
            packed = plain.peek(2)[:2] == _GZIP
            with gzip.GzipFile(fileobj=plain) if packed else plain as content:
                shape = _shape(content.read(4 + 4 * _MOST_DIMS), path)
                content.seek(4 + 4 * len(shape))
                n = math.prod(shape)
                values = content.read(n + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(
            f"{brief(path)} could not be read ({type(error).__name__}: {error}). "
            "Replace the file by the official one."
        ) from None
    if len(values) != n:
        followed = "more follow" if len(values) > n else f"{len(values)} follow"
        raise DatasetError(
            f"{brief(path)} is incomplete: its header promises {shape} values, {followed}. "
            "Replace the file by the official one."
        )
    return np.frombuffer(values, dtype=np.uint8).reshape(shape)


def _shape(head: bytes, path: Path) -> tuple[int, ...]:
    n_dims = head[3] if len(head) > 3 else 0
    if head[:3] != bytes([0, 0, _UNSIGNED_BYTE]) or not 1 <= n_dims <= _MOST_DIMS:
        raise DatasetError(f"{brief(path)} is not an IDX file of unsigned bytes.")
    if len(head) < 4 + 4 * n_dims:
        raise DatasetError(f"{brief(path)} is incomplete: it ends inside its header.")
    shape = struct.unpack_from(f">{n_dims}I", head, 4)
    if math.prod(shape) > _MOST_VALUES:
        raise DatasetError(
            f"{brief(path)}: its header promises {shape} values; at most {_MOST_VALUES} are read."
        )
    return shape
