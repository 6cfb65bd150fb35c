"""The MNIST family: four files of one kind each."""

from __future__ import annotations

import pytest

from layeratlas.datasets.sources import mnist


@pytest.mark.parametrize("source", mnist.SOURCES, ids=lambda source: source.name)
def test_files_are_told_apart_by_their_checksums(source):
    assert set(source.files) == {"train_images", "train_labels", "test_images", "test_labels"}
    for role, file in source.files.items():
        images = "images-idx3" if role.endswith("images") else "labels-idx1"
        assert images in file.name
        assert file.name.startswith("train" if role.startswith("train") else "t10k")
        assert len(file.checksum.removeprefix("sha256:")) == 64
        assert file.urls and all(url.endswith(file.name) for url in file.urls)
    checksums = {file.checksum for file in source.files.values()}
    assert len(checksums) == 4
