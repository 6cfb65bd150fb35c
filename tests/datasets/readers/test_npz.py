"""Archives of numpy, without pickles."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from made.official_files import N_TEST, N_TRAIN, check, classes, pixels

from layeratlas.datasets import load_source
from layeratlas.errors import DatasetError


def test_npz_is_turned_channels_first(stand_in):
    images, labels = pixels(N_TRAIN, 32, 32, 3), classes(N_TRAIN)
    test_images, test_labels = pixels(N_TEST, 32, 32, 3), classes(N_TEST)
    buffer = io.BytesIO()
    np.savez(buffer, x_train=images, y_train=labels, x_test=test_images, y_test=test_labels)
    data_dir = stand_in(
        "cifar10_subset", {"archive": buffer.getvalue()}, n_train=N_TRAIN, n_test=N_TEST
    )
    check(
        load_source("cifar10_subset", data_dir),
        images.transpose(0, 3, 1, 2),
        labels,
        test_images.transpose(0, 3, 1, 2),
        test_labels,
    )


def test_npz_with_pickles_is_refused(stand_in):
    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was executed",))

    buffer = io.BytesIO()
    np.savez(buffer, x_train=np.array([Bomb()], dtype=object))
    data_dir = stand_in("cifar10_subset", {"archive": buffer.getvalue()})
    with pytest.raises(DatasetError, match=r"could not be read .*allow_pickle=False"):
        load_source("cifar10_subset", data_dir)


def test_archives_that_unpack_to_too_much_are_refused(stand_in):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x_train.npy", bytes(1 << 29))
    data_dir = stand_in("cifar10_subset", {"archive": buffer.getvalue()})
    with pytest.raises(DatasetError, match=r"unpacks to 536870912 bytes"):
        load_source("cifar10_subset", data_dir)


@pytest.mark.parametrize("shape", [(2**40, 2**20), (2**62,), (-1,)])
def test_an_array_that_lies_about_its_shape(stand_in, shape):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": shape}
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x_train.npy", header.getvalue() + b"abc")
    data_dir = stand_in("cifar10_subset", {"archive": buffer.getvalue()})
    with pytest.raises(DatasetError, match=r"could not be read"):
        load_source("cifar10_subset", data_dir)
