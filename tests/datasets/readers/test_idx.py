"""Gzipped IDX files, sound and damaged."""

from __future__ import annotations

import gzip
import os
import struct

import pytest
from made.official_files import N_TEST, N_TRAIN, check, message

from layeratlas.datasets import load_source
from layeratlas.datasets.readers.idx import read_idx
from layeratlas.errors import DatasetError


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
        (b"\0\0\x08\x03\0", "ends inside its header"),
        ("<html>not found</html>", "not an IDX file"),
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


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(
    ("header", "said"),
    [
        (b"\0\0\x08\x03" + struct.pack(">3I", 2**31, 2**31, 2**31), "at most"),
        (b"\0\0\x08\x03" + struct.pack(">3I", 60_000, 2**31, 1), "at most"),
        (b"\0\0\x08\xff" + bytes(1020), "not an IDX file"),
        (b"\0\0\x08\x00" + bytes(8), "not an IDX file"),
        (b"\0\0\x08\x01" + struct.pack(">I", 10), "more follow"),
    ],
)
def test_headers_that_lie(tmp_path, header, said, packed):
    content = header + bytes(100_000)
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(DatasetError, match=said) as caught:
        read_idx({"train_images": path})
    assert "train-images-idx3-ubyte.gz" in str(caught.value)


def test_a_gzip_bomb_is_unpacked_no_further_than_its_header_says(tmp_path):
    """4 GiB of zeros behind a header of ten values, in 4 MB."""
    path = tmp_path / "bomb.gz"
    zeros = gzip.compress(bytes(1 << 26))
    path.write_bytes(gzip.compress(b"\0\0\x08\x01" + struct.pack(">I", 10)) + zeros * 64)
    with pytest.raises(DatasetError, match="more follow"):
        read_idx({"train_images": path})


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Exception, match="is no regular file"):
        read_idx({"train_images": tmp_path / "pipe"})
