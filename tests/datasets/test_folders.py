"""Data as people have them: torchvision's folders, unpacked files, and what is there instead."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import os
import shutil

import numpy as np
import pytest
from made.official_files import N_TEST, N_TRAIN

from layeratlas.datasets import SOURCES, load_source
from layeratlas.datasets.folders import brief, find_local, given_folder, matches, what_is_there
from layeratlas.errors import LONGEST, DatasetError


@pytest.fixture
def small(stand_in, mnist_like, monkeypatch):
    """A tiny MNIST with checksums of both forms; returns its folder and arrays."""
    contents, arrays = mnist_like
    folder = stand_in("mnist", contents, n_train=N_TRAIN, n_test=N_TEST)
    source = SOURCES["mnist"]
    files = {
        role: dataclasses.replace(
            file, unpacked=f"sha256:{hashlib.sha256(gzip.decompress(contents[role])).hexdigest()}"
        )
        for role, file in source.files.items()
    }
    monkeypatch.setitem(SOURCES, "mnist", dataclasses.replace(source, files=files))
    return folder, arrays


def moved(folder, to: str):
    target = folder / to
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(folder / "mnist", folder / "aside")
    if to == ".":
        for path in (folder / "aside").iterdir():
            shutil.move(path, folder)
    else:
        shutil.move(folder / "aside", target)
    return target


def unpack(folder, name=lambda name: name) -> None:
    for path in list(folder.glob("*.gz")):
        (folder / name(path.name.removesuffix(".gz"))).write_bytes(
            gzip.decompress(path.read_bytes())
        )
        path.unlink()


def check(data_dir, arrays) -> None:
    raw = load_source("mnist", data_dir, download=False)
    np.testing.assert_array_equal(raw.train_images[:, 0], arrays["train_images"])
    np.testing.assert_array_equal(raw.test_labels, arrays["test_labels"])


@pytest.mark.parametrize("to", ["mnist", "MNIST/raw", "Mnist", "mnist/raw", ".", "raw"])
@pytest.mark.parametrize("form", ["gz", "unpacked", "dotted"])
def test_folders_and_forms(small, to, form):
    folder, arrays = small
    target = moved(folder, to)
    if form != "gz":
        dotted = lambda name: name.replace("-idx", ".idx")  # noqa: E731
        unpack(target, dotted if form == "dotted" else lambda name: name)
    check(folder, arrays)


def test_one_file_unpacked_and_the_others_not(small):
    folder, arrays = small
    path = folder / "mnist" / "t10k-images-idx3-ubyte.gz"
    path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
    path.unlink()
    check(folder, arrays)


def test_a_home_and_a_variable_are_understood(small, monkeypatch):
    folder, arrays = small
    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.setenv("MY_DATA", str(folder))
    check("~/data", arrays)
    check("$MY_DATA", arrays)
    check("${MY_DATA}/mnist", arrays)


@pytest.mark.parametrize(
    "given", ["~nobody-of-this-name/x", "$NOT_SET_HERE/x", "/dev/null", "a\0b"]
)
def test_no_folder_is_refused_in_words(given):
    with pytest.raises(
        DatasetError, match=r"The data folder .* (does not exist|is no folder|cannot)"
    ):
        given_folder(given)


def test_a_wrong_copy_beside_a_right_one_is_passed_over(small):
    folder, arrays = small
    wrong = folder / "MNIST" / "raw"
    wrong.mkdir(parents=True)
    (wrong / "t10k-images-idx3-ubyte").write_bytes(b"half a fi")
    check(folder, arrays)
    (folder / "mnist" / "t10k-images-idx3-ubyte.gz").unlink()
    with pytest.raises(DatasetError, match="MNIST/raw/t10k-images-idx3-ubyte is not the official"):
        find_local(SOURCES["mnist"], folder)


def test_the_refusal_says_what_is_there(stand_in, mnist_like, tmp_path):
    stand_in("mnist", mnist_like[0], write=False)
    folder = tmp_path / "data"
    (folder / "MNIST" / "processed").mkdir(parents=True)
    (folder / "MNIST" / "processed" / "training.pt").touch()
    (folder / "mnist.npz").touch()
    for number in range(300):
        (folder / f"z{number}").touch()
    with pytest.raises(DatasetError) as caught:
        load_source("mnist", folder, tmp_path / "cache", download=False)
    said = str(caught.value)
    assert "holds MNIST/processed, mnist.npz, z0" in said and "and 29" in said
    assert len(said) < LONGEST and " … " not in said
    assert what_is_there(folder / "MNIST" / "processed") == "training.pt"
    assert what_is_there(folder / "none") == "nothing"


def test_a_huge_file_is_not_hashed_for_an_hour(small):
    folder, _ = small
    path = folder / "mnist" / "train-images-idx3-ubyte.gz"
    os.truncate(path, 1 << 43)
    with pytest.raises(DatasetError, match="has 8796093022208 bytes; no official file"):
        find_local(SOURCES["mnist"], folder)


def test_a_pipe_is_no_file(small):
    folder, _ = small
    path = folder / "mnist" / "train-images-idx3-ubyte.gz"
    path.unlink()
    os.mkfifo(path)
    assert "train_images" not in find_local(SOURCES["mnist"], folder)


@pytest.mark.skipif(os.getuid() == 0, reason="root reads everything")
def test_what_may_not_be_read_is_named(small):
    folder, _ = small
    (folder / "mnist" / "train-images-idx3-ubyte.gz").chmod(0)
    with pytest.raises(DatasetError, match="cannot be read"):
        find_local(SOURCES["mnist"], folder)


def test_layouts_do_not_change_what_a_source_is():
    """Run ids and data sets stand for the images, not for the form they lie in."""
    for source in SOURCES.values():
        bare = {
            role: dataclasses.replace(file, unpacked=None) for role, file in source.files.items()
        }
        plain = dataclasses.replace(source, files=bare, layouts=())
        assert plain.identity() == source.identity()


def test_official_files_unpacked(official_dir, tmp_path):
    """The registered checksums of unpacked files are those of the official ones."""
    for name in ("mnist", "fashion_mnist", "kmnist"):
        for file in SOURCES[name].files.values():
            path = official_dir / file.folder / file.name
            if file.unpacked is None or not path.is_file():
                continue
            plain = tmp_path / "plain"
            plain.write_bytes(gzip.decompress(path.read_bytes()))
            assert matches(path, file.checksum) and matches(plain, file.unpacked)


def test_brief_keeps_the_end(tmp_path):
    long = tmp_path / ("a" * 50) / "b" / "c" / "d.gz"
    assert brief(long) == "…/b/c/d.gz"
    assert len(brief(tmp_path / ("x" * 250))) <= 90
    assert brief(tmp_path / "a\x1b[2J").count("\\x1b") == 1
