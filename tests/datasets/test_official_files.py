"""The real files, where there is a folder with them."""

from __future__ import annotations

import pytest

from layeratlas.datasets import SOURCES, DatasetRecipe, load_source, prepare
from layeratlas.datasets.readers.idx import read_idx
from layeratlas.errors import DatasetError


def needs(official_dir, *names: str) -> None:
    for name in names:
        for file in SOURCES[name].files.values():
            if not (official_dir / file.folder / file.name).is_file():
                pytest.skip(f"{file.folder}/{file.name} is not in the folder of official files")


# Array checksums are verified inside load_source; sha256() says again what was loaded.
@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_decoded_arrays(official_dir, name):
    needs(official_dir, name)
    raw = load_source(name, official_dir, download=False)
    assert raw.sha256() == dict(SOURCES[name].array_sha256)


@pytest.mark.parametrize("name", ["cifar10_subset", "gtsrb32_subset"])
def test_local_subsets(official_dir, name):
    needs(official_dir, name)
    raw = load_source(name, official_dir, download=False)
    assert len(SOURCES[name].array_sha256) == 4
    n_classes = SOURCES[name].n_classes
    counts = [(raw.train_labels == k).sum() for k in range(n_classes)]
    assert set(counts) == {len(raw.train_labels) // n_classes}


def test_kmnist_test_part(official_dir):
    files = SOURCES["kmnist"].files
    paths = {
        role: official_dir / files[role].folder / files[role].name
        for role in ("test_images", "test_labels")
    }
    if not all(path.is_file() for path in paths.values()):
        pytest.skip("no KMNIST test files in the folder of official files")
    import hashlib

    arrays = read_idx({**paths, "train_images": paths["test_images"]})
    for role in paths:
        digest = hashlib.sha256(arrays[role].tobytes()).hexdigest()
        assert digest == SOURCES["kmnist"].array_sha256[role]


def test_kmnist_without_train_images_says_so(official_dir, tmp_path):
    folder = official_dir / "kmnist"
    if not folder.is_dir() or (folder / "train-images-idx3-ubyte.gz").exists():
        pytest.skip("needs a KMNIST folder without its training images")
    with pytest.raises(DatasetError) as caught:
        load_source("kmnist", official_dir, tmp_path, download=False)
    assert str(caught.value).startswith("kmnist: train-images-idx3-ubyte.gz not found")


def test_mnist_5k_is_in_the_official_training_set(official_dir):
    """The first 500 of each class, as the registry says."""
    import numpy as np

    needs(official_dir, "mnist")
    full, small = load_source("mnist", official_dir), load_source("mnist_5k")
    first = np.concatenate([np.flatnonzero(full.train_labels == k)[:500] for k in range(10)])
    np.testing.assert_array_equal(small.train_images, full.train_images[first])
    np.testing.assert_array_equal(small.train_labels, full.train_labels[first])


def test_published_pixel_spread(official_dir):
    """Spring–block code: the standard deviation of 10×10 MNIST entries is about 0.23."""
    needs(official_dir, "mnist")
    recipe = DatasetRecipe(source="mnist", n_train=2560, size=10)
    dataset = prepare(recipe, data_dir=official_dir, download=False)
    assert float(dataset.train_inputs.std()) == pytest.approx(0.23, abs=0.005)
    assert dataset.train_inputs.shape == (2560, 1, 10, 10)
    assert dataset.test_inputs.shape == (10_000, 1, 10, 10)
