"""Local subsets: arrays of numpy in one archive."""

from __future__ import annotations

import zipfile

import numpy as np

from layeratlas.bounded.files import MIB
from layeratlas.datasets.readers import Arrays, Paths

_MOST_BYTES = 256 * MIB  # eight times the larger subset


def read_npz(paths: Paths) -> Arrays:
    """The local subsets: arrays x_train, y_train, x_test, y_test."""
    with zipfile.ZipFile(paths["archive"]) as archive:
        if (size := sum(member.file_size for member in archive.infolist())) > _MOST_BYTES:
            raise ValueError(f"it unpacks to {size} bytes; at most {_MOST_BYTES} are read")
    with np.load(paths["archive"], allow_pickle=False) as content:
        return {
            f"{part}_{kind}": content[f"{letter}_{part}"]
            for part in ("train", "test")
            for kind, letter in (("images", "x"), ("labels", "y"))
        }
