"""STL-10: raw binary files in a tar archive, or unpacked."""

from __future__ import annotations

import numpy as np

from layeratlas.bounded.files import MIB, read_bytes
from layeratlas.datasets.readers import Arrays, Paths
from layeratlas.datasets.readers.tar import tar_members

_MOST_BYTES = 1024 * MIB
_NAMES = ("train_X", "train_y", "test_X", "test_y")


def read_stl10_binary(paths: Paths) -> Arrays:
    """STL-10: raw 3×96×96 pixels, each channel stored column by column, and labels from 1 to 10."""
    if "archive" in paths:
        members = tar_members(paths["archive"], [f"{name}.bin" for name in _NAMES])
        contents = {name: members[f"{name}.bin"] for name in _NAMES}
    else:
        contents = {name: read_bytes(paths[name], _MOST_BYTES) for name in _NAMES}
    arrays = {}
    for part in ("train", "test"):
        pixels = np.frombuffer(contents[f"{part}_X"], dtype=np.uint8)
        arrays[f"{part}_images"] = pixels.reshape(-1, 3, 96, 96).transpose(0, 1, 3, 2)
        arrays[f"{part}_labels"] = np.frombuffer(contents[f"{part}_y"], dtype=np.uint8) - 1
    return arrays
