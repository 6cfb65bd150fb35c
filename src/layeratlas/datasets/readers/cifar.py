"""CIFAR-10 and CIFAR-100: binary records in a tar archive."""

from __future__ import annotations

import numpy as np

from layeratlas.datasets.readers import Arrays, Paths
from layeratlas.datasets.readers.tar import tar_members


def read_cifar10_binary(paths: Paths) -> Arrays:
    """CIFAR-10: records of 1 label byte and 3×32×32 pixels, five training batches and one test."""
    train = [f"data_batch_{i}.bin" for i in range(1, 6)]
    members = tar_members(paths["archive"], [*train, "test_batch.bin"])
    return _cifar_arrays(
        b"".join(members[name] for name in train), members["test_batch.bin"], n_label_bytes=1
    )


def read_cifar100_binary(paths: Paths) -> Arrays:
    """CIFAR-100: records of a coarse label, the fine label (the one used) and the pixels."""
    members = tar_members(paths["archive"], ["train.bin", "test.bin"])
    return _cifar_arrays(members["train.bin"], members["test.bin"], n_label_bytes=2)


def _cifar_arrays(train: bytes, test: bytes, n_label_bytes: int) -> Arrays:
    arrays = {}
    for part, content in (("train", train), ("test", test)):
        records = np.frombuffer(content, dtype=np.uint8).reshape(-1, n_label_bytes + 3 * 32 * 32)
        arrays[f"{part}_images"] = records[:, n_label_bytes:].reshape(-1, 3, 32, 32)
        arrays[f"{part}_labels"] = records[:, n_label_bytes - 1]
    return arrays
