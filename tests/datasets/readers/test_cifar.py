"""Binary records of CIFAR, sound and damaged."""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np
import pytest
from made.official_files import (
    N_TEST,
    N_TRAIN,
    check,
    classes,
    message,
    pickle_of_python_2,
    pixels,
    tar_gz,
)

from layeratlas.datasets import SOURCES, load_source
from layeratlas.datasets.readers import cifar


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


@pytest.fixture
def batches(monkeypatch, tmp_path):
    """A tiny CIFAR-10 as pickles and as records, registered as the official one."""
    held = {}
    for batch in cifar.BATCHES:
        n = N_TEST if batch.name == "test_batch" else N_TRAIN // 5
        held[batch.name] = pixels(n, 3 * 32 * 32), classes(n)
    pickles = {
        name: pickle_of_python_2({b"data": x, b"labels": y.tolist(), b"batch_label": name.encode()})
        for name, (x, y) in held.items()
    }
    records = {name: np.hstack([y[:, np.newaxis], x]).tobytes() for name, (x, y) in held.items()}
    md5 = lambda content: hashlib.md5(content).hexdigest()  # noqa: E731
    made = [cifar.Batch(name, md5(records[name]), md5(pickles[name])) for name in held]
    monkeypatch.setattr(cifar, "BATCHES", tuple(made))
    archive = tar_gz({f"cifar-10-batches-py/{name}": held for name, held in pickles.items()})
    contents = {"cifar-10-python.tar.gz": archive, **pickles}
    contents |= {f"{name}.bin": content for name, content in records.items()}
    source = SOURCES["cifar10"]
    layouts = tuple(
        {
            role: dataclasses.replace(file, checksum=f"md5:{md5(contents[file.name])}")
            for role, file in files.items()
        }
        for files in source.layouts
    )
    small = dataclasses.replace(source, layouts=layouts, n_train=N_TRAIN, n_test=N_TEST)
    monkeypatch.setitem(SOURCES, "cifar10", small)
    return contents, held


@pytest.mark.parametrize("layout", range(3), ids=["tar of pickles", "pickles", "records"])
@pytest.mark.parametrize("where", ["", "cifar10/", "CIFAR-10/"])
def test_cifar10_as_torchvision_has_it_and_unpacked(batches, tmp_path, layout, where):
    contents, held = batches
    for file in SOURCES["cifar10"].layouts[layout].values():
        folder = "" if layout == 0 else f"{file.folder}/"
        path = tmp_path / f"{where}{folder}{file.name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents[file.name])
    *train, test = held.values()
    raw = load_source("cifar10", tmp_path, download=False)
    check(
        raw,
        np.concatenate([x for x, _ in train]).reshape(-1, 3, 32, 32),
        np.concatenate([y for _, y in train]),
        test[0].reshape(-1, 3, 32, 32),
        test[1],
    )


def test_a_pickle_of_other_images_is_refused(batches, tmp_path, monkeypatch):
    """Whatever its own checksum says, it must give the records of the binary file."""
    contents, _ = batches
    swapped = cifar.BATCHES[0]._replace(md5="0" * 32)
    monkeypatch.setattr(cifar, "BATCHES", (swapped, *cifar.BATCHES[1:]))
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(contents["cifar-10-python.tar.gz"])
    said = message("cifar10", tmp_path)
    assert "data_batch_1" in said and "it should begin 000000000000" in said
