"""Small files in the formats of official ones, and what was read from them."""

from __future__ import annotations

import io
import pickle
import struct
import tarfile
import zipfile
from typing import ClassVar

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from layeratlas.datasets import load_source
from layeratlas.errors import DatasetError

RNG = np.random.default_rng(0)
N_TRAIN, N_TEST = 10, 4


def pixels(n: int, *shape: int) -> np.ndarray:
    return RNG.integers(256, size=(n, *shape), dtype=np.uint8)


def classes(n: int, n_classes: int = 10) -> np.ndarray:
    return RNG.integers(n_classes, size=n, dtype=np.uint8)


def tar_gz(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


class _Python2(pickle._Pickler):
    """Text and bytes are one type there, written as such."""

    dispatch: ClassVar = dict(pickle._Pickler.dispatch)

    def save_string(self, value: bytes | str) -> None:
        content = value.encode("latin1") if isinstance(value, str) else value
        self.write(pickle.BINSTRING + struct.pack("<i", len(content)) + content)
        self.memoize(value)

    dispatch[bytes] = dispatch[str] = save_string


def pickle_of_python_2(value: object) -> bytes:
    """A pickle as Python 2 and the numpy of its time wrote it."""
    buffer = io.BytesIO()
    _Python2(buffer, protocol=2).dump(value)
    return buffer.getvalue().replace(b"cnumpy._core.", b"cnumpy.core.")


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def mat(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    savemat(buffer, arrays)
    return buffer.getvalue()


def ppm(image: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PPM")
    return buffer.getvalue()


def check(raw, train_images, train_labels, test_images, test_labels):
    for actual, expected in (
        (raw.train_images, train_images),
        (raw.train_labels, train_labels),
        (raw.test_images, test_images),
        (raw.test_labels, test_labels),
    ):
        np.testing.assert_array_equal(actual, expected)
    assert raw.train_images.dtype == raw.test_images.dtype == np.uint8
    assert raw.train_labels.dtype == raw.test_labels.dtype == np.int64
    assert raw.has_official_test


def message(name: str, data_dir) -> str:
    with pytest.raises(DatasetError) as caught:
        load_source(name, data_dir, download=False)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)
