"""MATLAB files, sound and damaged."""

from __future__ import annotations

import numpy as np
import pytest
from made.official_files import N_TEST, N_TRAIN, check, classes, mat, message, pixels

from layeratlas.datasets import load_source


def test_svhn_label_10_is_0(stand_in):
    images, labels = pixels(N_TRAIN, 3, 32, 32), np.arange(N_TRAIN, dtype=np.uint8)
    test_images, test_labels = pixels(N_TEST, 3, 32, 32), classes(N_TEST)

    def part(images, labels):
        written = np.where(labels == 0, 10, labels).astype(np.uint8)
        return mat(X=images.transpose(2, 3, 1, 0), y=written[:, None])

    contents = {"train": part(images, labels), "test": part(test_images, test_labels)}
    data_dir = stand_in("svhn", contents, n_train=N_TRAIN, n_test=N_TEST)
    check(load_source("svhn", data_dir), images, labels, test_images, test_labels)


@pytest.mark.parametrize("cut", [0, 50, 1000, -10])
def test_damaged_mat(stand_in, cut):
    whole = mat(X=pixels(3, 32, 32, 3).transpose(1, 2, 3, 0), y=np.ones((3, 1), dtype=np.uint8))
    said = message("svhn", stand_in("svhn", {"train": whole[:cut], "test": whole}))
    assert "could not be read" in said and "train_32x32.mat" in said


def test_mat_without_the_arrays(stand_in):
    whole = mat(other=np.ones(3))
    said = message("svhn", stand_in("svhn", {"train": whole, "test": whole}))
    assert "could not be read (KeyError" in said
