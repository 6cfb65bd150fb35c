"""The first images of every class of another source, where the source's own file is nowhere."""

from __future__ import annotations

import dataclasses
import hashlib
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made.official_files import check, pixels, tar_gz

from layeratlas.datasets import SOURCES, load_source
from layeratlas.datasets.heads import first_of_each_class
from layeratlas.errors import DatasetError

PER_CLASS = {"train": 3, "test": 1}


@given(st.lists(st.integers(0, 3), max_size=30), st.integers(0, 5))
def test_they_are_those_of_a_plain_loop(labels, n):
    seen: dict[int, int] = {}
    twin = []
    for i, label in enumerate(labels):
        seen[label] = seen.get(label, 0) + 1
        if seen[label] <= n:
            twin.append(i)
    assert first_of_each_class(np.array(labels, int), n, 4).tolist() == twin


@pytest.fixture
def whole(stand_in):
    """`whole(lacking)`: a tiny CIFAR-10 of 5 training and 2 test images a class, mixed; its folder
    and arrays. A class may lack most of its images."""

    def make(lacking: int | None = None):
        rng = np.random.default_rng(1)
        arrays = {}
        for part, n in (("train", 5), ("test", 2)):
            labels = rng.permutation(np.repeat(np.arange(10, dtype=np.uint8), n))
            if lacking is not None and part == "train":
                labels[labels == lacking] = (lacking + 1) % 10
            arrays[part] = (pixels(10 * n, 3, 32, 32), labels)
        records = {
            part: [bytes([label]) + image.tobytes() for image, label in zip(*both, strict=True)]
            for part, both in arrays.items()
        }
        members = {
            f"cifar-10-batches-bin/data_batch_{i + 1}.bin": b"".join(
                records["train"][10 * i : 10 * i + 10]
            )
            for i in range(5)
        }
        members["cifar-10-batches-bin/test_batch.bin"] = b"".join(records["test"])
        folder = stand_in("cifar10", {"archive": tar_gz(members)}, n_train=50, n_test=20)
        return folder, arrays

    return make


def subset(stand_in, arrays, *, write=False, changed=False, **changes):
    """The source of a subset of `arrays` in place of `cifar10_subset`, with its checksums."""
    kept = {}
    for part, (images, labels) in arrays.items():
        n, seen, rows = PER_CLASS[part], [0] * 10, []
        for i, label in enumerate(labels):
            seen[label] += 1
            if seen[label] <= n:
                rows.append(i)
        kept[part] = (images[rows], labels[rows])
    stored = {f"{part}_images": images.transpose(0, 2, 3, 1) for part, (images, _) in kept.items()}
    stored |= {f"{part}_labels": labels for part, (_, labels) in kept.items()}
    sums = {
        name: hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()
        for name, array in stored.items()
    }
    if changed:
        sums["train_images"] = "0" * 64
    buffer = io.BytesIO()
    np.savez(buffer, x_train=stored["train_images"], y_train=stored["train_labels"],
             x_test=stored["test_images"], y_test=stored["test_labels"])  # fmt: skip
    stand_in(
        "cifar10_subset", {"archive": buffer.getvalue()}, write=write, n_train=30, n_test=10,
        array_sha256=sums, **changes,
    )  # fmt: skip
    return kept


def test_it_is_made_of_the_whole_and_is_what_its_file_holds(stand_in, whole, tmp_path):
    folder, arrays = whole()
    kept = subset(stand_in, arrays)
    made = load_source("cifar10_subset", folder, tmp_path / "cache", download=False)
    check(made, *kept["train"], *kept["test"])
    subset(stand_in, arrays, write=True)
    read = load_source("cifar10_subset", folder, tmp_path / "cache", download=False)
    assert made.sha256() == read.sha256()
    assert made.source.name == read.source.name == "cifar10_subset"


def test_its_own_file_comes_first_and_a_wrong_one_is_no_file_that_is_not_there(
    stand_in, whole, tmp_path
):
    folder, arrays = whole()
    subset(stand_in, arrays, write=True)
    (folder / "cifar10" / "cifar-10-binary.tar.gz").unlink()
    load_source("cifar10_subset", folder, tmp_path / "cache", download=False)
    (folder / "cifar10" / "cifar10-subset-10k-2k.npz").write_bytes(b"damaged")
    with pytest.raises(DatasetError, match=r"cifar10-subset-10k-2k\.npz is not the official"):
        load_source("cifar10_subset", folder, tmp_path / "cache", download=False)


def test_checksums_decide(stand_in, whole, tmp_path):
    folder, arrays = whole()
    subset(stand_in, arrays, changed=True)
    with pytest.raises(
        DatasetError, match="train_images of the first of each class of cifar10 has"
    ):
        load_source("cifar10_subset", folder, tmp_path / "cache", download=False)


def test_a_class_with_too_few_and_a_whole_that_is_not_there_are_told(stand_in, whole, tmp_path):
    folder, arrays = whole(lacking=4)
    subset(stand_in, arrays, n_classes=10)
    with pytest.raises(DatasetError, match="cifar10 has 27 of the 30 train images that it is made"):
        load_source("cifar10_subset", folder, tmp_path / "cache", download=False)
    (folder / "cifar10" / "cifar-10-binary.tar.gz").unlink()
    with pytest.raises(DatasetError) as error:
        load_source("cifar10_subset", folder, tmp_path / "cache", download=False)
    said = str(error.value)
    assert said.startswith("cifar10_subset, made of cifar10: cifar-10-binary.tar.gz not found")
    assert len(said) <= 380 and "Put it into <data_dir>/cifar10/" in said


def test_what_it_is_part_of_is_no_part_of_its_identity():
    source = SOURCES["cifar10_subset"]
    assert source.part_of == "cifar10"
    assert dataclasses.replace(source, part_of=None).identity() == source.identity()


def test_the_real_file_has_the_official_order(official_dir):
    path = official_dir / "cifar10" / "cifar10-subset-10k-2k.npz"
    if not path.is_file():
        pytest.skip("no CIFAR-10 subset in the folder of official files")
    with np.load(path, allow_pickle=False) as content:
        for part in ("train", "test"):
            assert (np.diff(content[f"index_{part}"]) > 0).all()
