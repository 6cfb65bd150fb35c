"""Parsers on small files made in the original formats."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile

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


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "kmnist"])
def test_idx(stand_in, name, mnist_like):
    contents, arrays = mnist_like
    data_dir = stand_in(name, contents, n_train=N_TRAIN, n_test=N_TEST)
    raw = load_source(name, data_dir, download=False)
    check(
        raw,
        arrays["train_images"][:, None],
        arrays["train_labels"],
        arrays["test_images"][:, None],
        arrays["test_labels"],
    )


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


def test_svhn_label_10_is_0(stand_in):
    images, labels = pixels(N_TRAIN, 3, 32, 32), np.arange(N_TRAIN, dtype=np.uint8)
    test_images, test_labels = pixels(N_TEST, 3, 32, 32), classes(N_TEST)

    def part(images, labels):
        written = np.where(labels == 0, 10, labels).astype(np.uint8)
        return mat(X=images.transpose(2, 3, 1, 0), y=written[:, None])

    contents = {"train": part(images, labels), "test": part(test_images, test_labels)}
    data_dir = stand_in("svhn", contents, n_train=N_TRAIN, n_test=N_TEST)
    check(load_source("svhn", data_dir), images, labels, test_images, test_labels)


def test_stl10_is_stored_column_by_column(stand_in):
    images, labels = pixels(N_TRAIN, 3, 96, 96), classes(N_TRAIN)
    test_images, test_labels = pixels(N_TEST, 3, 96, 96), classes(N_TEST)
    members = {
        f"stl10_binary/{part}_{kind}.bin": content
        for part, x, y in (("test", test_images, test_labels), ("train", images, labels))
        for kind, content in (
            ("X", x.transpose(0, 1, 3, 2).tobytes()),
            ("y", (y + 1).tobytes()),
        )
    }
    members["stl10_binary/unlabeled_X.bin"] = b"never read"
    data_dir = stand_in("stl10", {"archive": tar_gz(members)}, n_train=N_TRAIN, n_test=N_TEST)
    check(load_source("stl10", data_dir), images, labels, test_images, test_labels)


def test_gtsrb(stand_in):
    """Photographs that are already 32×32 come back exactly; others are rescaled."""
    photographs = [*pixels(3, 32, 32, 3), np.full((50, 41, 3), 77, dtype=np.uint8)]
    train = {
        "GTSRB/Training/00042/00000_00001.ppm": ppm(photographs[1]),
        "GTSRB/Training/00007/00000_00000.ppm": ppm(photographs[0]),
        "GTSRB/Training/00007/GT-00007.csv": b"Filename;ClassId\n",
    }
    test = {
        "GTSRB/Final_Test/Images/00001.ppm": ppm(photographs[3]),
        "GTSRB/Final_Test/Images/00000.ppm": ppm(photographs[2]),
    }
    table = (
        "Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId\r\n"
        "00001.ppm;41;50;5;5;36;45;3\r\n"
        "00000.ppm;32;32;5;5;27;27;16\r\n"
    )
    contents = {
        "train": zipped(train),
        "test": zipped(test),
        "test_labels": zipped({"GT-final_test.csv": table.encode()}),
    }
    data_dir = stand_in("gtsrb", contents, n_train=2, n_test=2)
    first = [image.transpose(2, 0, 1) for image in photographs[:3]]
    flat = np.full((3, 32, 32), 77)
    check(load_source("gtsrb", data_dir), first[:2], [7, 42], [first[2], flat], [16, 3])


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


def test_packages():
    for name, n in (("mnist_5k", 5000), ("digits", 1797)):
        raw = load_source(name, download=False)
        assert len(raw.train_images) == len(raw.train_labels) == n
        assert raw.test_images is None and raw.test_labels is None
        assert not raw.has_official_test
        assert raw.sha256() == dict(raw.source.array_sha256)
        assert raw.train_images.max() == raw.source.max_value


def message(name: str, data_dir) -> str:
    with pytest.raises(DatasetError) as caught:
        load_source(name, data_dir, download=False)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)


def test_truncated_gzip(stand_in, mnist_like):
    contents, _ = mnist_like
    contents["test_images"] = contents["test_images"][:-100]
    said = message("mnist", stand_in("mnist", contents, n_train=N_TRAIN, n_test=N_TEST))
    assert "t10k-images-idx3-ubyte.gz" in said and "could not be read" in said
    assert "Replace the file by the official one" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\0\0\x08\x03" + struct.pack(">3I", 9, 28, 28) + b"abc", "is incomplete"),
        (b"\x89PNG and so on", "not an IDX file"),
        (b"", "not an IDX file"),
        (b"\0\0\x08\x03\0", "could not be read"),
        ("<html>not found</html>", "could not be read"),
    ],
    ids=["short", "foreign", "empty", "header", "no-gzip"],
)
def test_damaged_idx(stand_in, content, said, mnist_like):
    # Compressed here: the time in a gzip header would give the workers of a run different tests.
    content = content.encode() if isinstance(content, str) else gzip.compress(content)
    contents, _ = mnist_like
    contents["train_images"] = content
    answer = message("mnist", stand_in("mnist", contents, n_train=N_TRAIN, n_test=N_TEST))
    assert said in answer and "train-images-idx3-ubyte.gz" in answer


@pytest.mark.parametrize("name", ["cifar10", "cifar100", "stl10"])
def test_damaged_tar(stand_in, name):
    whole = tar_gz({"a/train.bin": RNG.bytes(5000), "a/readme.txt": RNG.bytes(5000)})
    assert "not found inside" in message(name, stand_in(name, {"archive": whole}))
    for content in (whole[:3000], whole[:100], b"not a tar", b""):
        said = message(name, stand_in(name, {"archive": content}))
        assert "could not be read" in said or "not found inside" in said


def test_cifar_with_half_a_record(stand_in):
    members = {"train.bin": bytes(3074 + 5), "test.bin": bytes(3074)}
    assert "could not be read" in message(
        "cifar100", stand_in("cifar100", {"archive": tar_gz(members)})
    )


@pytest.mark.parametrize("cut", [0, 50, 1000, -10])
def test_damaged_mat(stand_in, cut):
    whole = mat(X=pixels(3, 32, 32, 3).transpose(1, 2, 3, 0), y=np.ones((3, 1), dtype=np.uint8))
    said = message("svhn", stand_in("svhn", {"train": whole[:cut], "test": whole}))
    assert "could not be read" in said and "train_32x32.mat" in said


def test_mat_without_the_arrays(stand_in):
    whole = mat(other=np.ones(3))
    said = message("svhn", stand_in("svhn", {"train": whole, "test": whole}))
    assert "could not be read (KeyError" in said


def test_damaged_zip(stand_in):
    whole = zipped({"GTSRB/Training/00000/0.ppm": b"P6 not an image"})
    for content in (whole[:40], whole):
        said = message(
            "gtsrb", stand_in("gtsrb", {"train": content, "test": whole, "test_labels": whole})
        )
        assert "could not be read" in said and "GTSRB-Training_fixed.zip" in said


def test_wrong_counts_are_stated(stand_in, mnist_like):
    contents, _ = mnist_like
    said = message("mnist", stand_in("mnist", contents, n_train=N_TRAIN + 1, n_test=N_TEST))
    assert "train images (10, 1, 28, 28)" in said and "expected (11, 1, 28, 28)" in said


def test_labels_out_of_range_are_stated(stand_in, mnist_like, idx_gz):
    contents, _ = mnist_like
    contents["train_labels"] = idx_gz(np.full(N_TRAIN, 12, dtype=np.uint8))
    said = message("mnist", stand_in("mnist", contents, n_train=N_TRAIN, n_test=N_TEST))
    assert "labels from 12 to 12, expected uint8 and 0 to 9" in said


def test_decoded_arrays_are_verified(stand_in, mnist_like):
    contents, _ = mnist_like
    data_dir = stand_in(
        "mnist",
        contents,
        n_train=N_TRAIN,
        n_test=N_TEST,
        array_sha256={"train_labels": "0" * 64},
    )
    said = message("mnist", data_dir)
    assert "the decoded array train_labels" in said and "expected 0000" in said
