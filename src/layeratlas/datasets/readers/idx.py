"""The MNIST family: gzipped IDX files."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

from layeratlas.datasets.readers import Arrays, Paths
from layeratlas.errors import DatasetError


def read_idx(paths: Paths) -> Arrays:
    """The MNIST family: four gzipped IDX files."""
    arrays = {role: _idx_array(path) for role, path in paths.items()}
    for role in ("train_images", "test_images"):
        arrays[role] = arrays[role][:, np.newaxis]  # one channel
    return arrays


def _idx_array(path: Path) -> np.ndarray:
    """One IDX file: 0, 0, type, number of dimensions, each dimension (big-endian), values."""
    content = gzip.decompress(path.read_bytes())
    unsigned_byte = 0x08
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != unsigned_byte:
        raise DatasetError(f"{path} is not an IDX file of unsigned bytes.")
    n_dims = content[3]
    header = 4 + 4 * n_dims
    shape = tuple(np.frombuffer(content, dtype=">u4", count=n_dims, offset=4).tolist())
    if len(content) - header != np.prod(shape):
        raise DatasetError(
            f"{path} is incomplete: its header promises {shape} values, "
            f"{len(content) - header} follow."
        )
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape)
