"""Gzipped IDX files, sound and damaged."""

from __future__ import annotations

import gzip
import struct

import pytest
from made.official_files import N_TEST, N_TRAIN, check, message

from layeratlas.datasets import load_source


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
