"""STL-10: raw binary files in a tar archive."""

from __future__ import annotations

import numpy as np

from layeratlas.datasets.readers import Arrays, Paths
from layeratlas.datasets.readers.tar import tar_members


def read_stl10_binary(paths: Paths) -> Arrays:
    """STL-10: raw 3×96×96 pixels, each channel stored column by column, and labels from 1 to 10."""
    names = ["train_X.bin", "train_y.bin", "test_X.bin", "test_y.bin"]
    members = tar_members(paths["archive"], names)
    arrays = {}
    for part in ("train", "test"):
        pixels = np.frombuffer(members[f"{part}_X.bin"], dtype=np.uint8)
        arrays[f"{part}_images"] = pixels.reshape(-1, 3, 96, 96).transpose(0, 1, 3, 2)
        arrays[f"{part}_labels"] = np.frombuffer(members[f"{part}_y.bin"], dtype=np.uint8) - 1
    return arrays
