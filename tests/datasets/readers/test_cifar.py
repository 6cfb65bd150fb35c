"""Binary records of CIFAR, sound and damaged."""

from __future__ import annotations

import numpy as np
from made.official_files import N_TEST, N_TRAIN, check, classes, message, pixels, tar_gz

from layeratlas.datasets import load_source


def test_cifar10(stand_in):
    images, labels = pixels(N_TRAIN, 3, 32, 32), classes(N_TRAIN)
    test_images, test_labels = pixels(N_TEST, 3, 32, 32), classes(N_TEST)

    def records(images, labels):
        return b"".join(
            bytes([label]) + image.tobytes() for image, label in zip(images, labels, strict=True)
        )

    folder = "cifar-10-batches-bin/"
    members = {folder + "readme.html": b"text", folder + "test_batch.bin": None}
    # Out of order on purpose: the order of the official set is that of the numbers.
    for i in (5, 1, 3, 2, 4):
        part = slice(2 * (i - 1), 2 * i)
        members[f"{folder}data_batch_{i}.bin"] = records(images[part], labels[part])
    members[folder + "test_batch.bin"] = records(test_images, test_labels)
    data_dir = stand_in("cifar10", {"archive": tar_gz(members)}, n_train=N_TRAIN, n_test=N_TEST)
    check(load_source("cifar10", data_dir), images, labels, test_images, test_labels)


def test_cifar100_uses_fine_labels(stand_in):
    images, coarse, fine = pixels(N_TRAIN, 3, 32, 32), classes(N_TRAIN, 20), classes(N_TRAIN, 100)
    test_images, test_fine = pixels(N_TEST, 3, 32, 32), classes(N_TEST, 100)

    def records(images, coarse, fine):
        flat = images.reshape(len(images), -1)
        return np.concatenate([coarse[:, None], fine[:, None], flat], axis=1).tobytes()

    members = {
        "cifar-100-binary/train.bin": records(images, coarse, fine),
        "cifar-100-binary/test.bin": records(test_images, classes(N_TEST, 20), test_fine),
    }
    data_dir = stand_in("cifar100", {"archive": tar_gz(members)}, n_train=N_TRAIN, n_test=N_TEST)
    check(load_source("cifar100", data_dir), images, fine, test_images, test_fine)


def test_cifar_with_half_a_record(stand_in):
    members = {"train.bin": bytes(3074 + 5), "test.bin": bytes(3074)}
    assert "could not be read" in message(
        "cifar100", stand_in("cifar100", {"archive": tar_gz(members)})
    )
