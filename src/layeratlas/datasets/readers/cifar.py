"""CIFAR-10 and CIFAR-100: binary records in a tar; CIFAR-10 also unpacked, or as pickles."""

from __future__ import annotations

import hashlib
import pickle

import numpy as np

from layeratlas.bounded.files import MIB, read_bytes
from layeratlas.datasets.cifar_batches import BATCHES, Batch
from layeratlas.datasets.readers import Arrays, Paths
from layeratlas.datasets.readers.pickled import read_pickle
from layeratlas.datasets.readers.tar import tar_members
from layeratlas.errors import DatasetError

_MOST_BYTES = 64 * MIB  # twice the size of a batch
_PIXELS = 3 * 32 * 32


def read_cifar10_binary(paths: Paths) -> Arrays:
    """CIFAR-10: records of 1 label byte and 3×32×32 pixels, five training batches and one test.

    Also of the layouts of its source: pickles give the same records, or DatasetError.
    """
    names = [batch.name for batch in BATCHES]
    if "archive" in paths:
        members = tar_members(paths["archive"], [f"{name}.bin" for name in names])
        records = [members[f"{name}.bin"] for name in names]
    elif "python_archive" in paths:
        members = tar_members(paths["python_archive"], names)
        records = [_records_of_pickle(members[batch.name], batch) for batch in BATCHES]
    elif names[0] in paths:
        records = [
            _records_of_pickle(read_bytes(paths[batch.name], _MOST_BYTES), batch)
            for batch in BATCHES
        ]
    else:
        records = [read_bytes(paths[f"{name}.bin"], _MOST_BYTES) for name in names]
    *train, test = records
    return _cifar_arrays(b"".join(train), test, n_label_bytes=1)


def read_cifar100_binary(paths: Paths) -> Arrays:
    """CIFAR-100: records of a coarse label, the fine label (the one used) and the pixels."""
    members = tar_members(paths["archive"], ["train.bin", "test.bin"])
    return _cifar_arrays(members["train.bin"], members["test.bin"], n_label_bytes=2)


def _records_of_pickle(content: bytes, batch: Batch) -> bytes:
    """The binary records of a batch from its pickle; those of the official binary file."""
    try:
        found = read_pickle(content)
        labels = np.array(found[b"labels"], dtype=np.uint8)
        records = np.hstack([labels[:, np.newaxis], found[b"data"].reshape(-1, _PIXELS)]).tobytes()
    except pickle.UnpicklingError as error:
        raise DatasetError(f"{batch.name} of the Python version of CIFAR-10: {error}.") from None
    md5 = hashlib.md5(records, usedforsecurity=False).hexdigest()
    if md5 != batch.md5:
        raise DatasetError(
            f"{batch.name} of the Python version of CIFAR-10 does not hold the images of "
            f"{batch.name}.bin: as its records their md5 begins {md5[:12]}, it should begin "
            f"{batch.md5[:12]}."
        )
    return records


def _cifar_arrays(train: bytes, test: bytes, n_label_bytes: int) -> Arrays:
    arrays = {}
    for part, content in (("train", train), ("test", test)):
        records = np.frombuffer(content, dtype=np.uint8).reshape(-1, n_label_bytes + _PIXELS)
        arrays[f"{part}_images"] = records[:, n_label_bytes:].reshape(-1, 3, 32, 32)
        arrays[f"{part}_labels"] = records[:, n_label_bytes - 1]
    return arrays
