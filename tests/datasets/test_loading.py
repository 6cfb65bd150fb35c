"""What is loaded is what the registry promises, or is refused in words."""

from __future__ import annotations

import numpy as np
from made.official_files import N_TEST, N_TRAIN, message


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
    assert "the decoded array train_labels" in said and "should begin 000000000000" in said
