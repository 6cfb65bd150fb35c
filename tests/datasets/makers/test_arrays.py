"""Rows of one's own arrays: the right ones, in the right types."""

from __future__ import annotations

import numpy as np

from layeratlas.datasets import prepare, sample_permutation
from layeratlas.datasets.recipe import recipe_of

X = np.random.default_rng(0).normal(size=(12, 2, 3))


def prepared(**more):
    return prepare(recipe_of({"source": "arrays", "path": "d.npz", "n_train": 7} | more))


def test_a_regression(own):
    np.savez(own / "d.npz", x=X, y=X[:, 0, 0])
    made = prepared()
    order = sample_permutation(12, 1)
    np.testing.assert_array_equal(made.train_index, order[:7])
    np.testing.assert_array_equal(made.train_inputs, X[order[:7]].astype(np.float32))
    np.testing.assert_array_equal(made.test_targets[:, 0], X[order[7:], 0, 0].astype(np.float32))
    assert made.train_inputs.dims == ("train_sample", "axis_1", "axis_2")
    assert made.train_targets.dims == ("train_sample", "output")
    assert made.attrs["target_kind"] == "vectors" and "n_classes" not in made.attrs
    assert "train_label_changed" not in made and "realised_flip_rate" not in made.attrs
    np.testing.assert_array_equal(made.clean_train_targets, made.train_targets)


def test_classes_with_noise(own):
    np.savez(own / "d.npz", x=X.reshape(12, 6), y=np.arange(12) % 3)
    made = prepared(static_label_noise=0.5, static_input_noise=1.0)
    clean = prepared()
    assert made.train_label_redrawn.sum() == 3 and made.attrs["n_classes"] == 3
    np.testing.assert_array_equal(made.clean_train_targets, clean.train_targets)
    assert made.train_inputs.dims == ("train_sample", "feature")
    added = made.train_inputs - clean.train_inputs
    assert 0.6 < added.std() / clean.train_inputs.std() < 1.4


def test_test_arrays(own):
    np.savez(own / "d.npz", x=X, y=X[:, 0, 0], u=X[:4] + 9, v=X[:4, 0, 0] + 9)
    made = prepared(test_inputs="u", test_targets="v", n_train=12)
    np.testing.assert_array_equal(made.test_inputs, (X[:4] + 9).astype(np.float32))
    np.testing.assert_array_equal(np.sort(made.train_index), np.arange(12))
    few = prepared(test_inputs="u", test_targets="v", n_test=2)
    np.testing.assert_array_equal(
        few.test_targets[:, 0], (X[few.test_index, 0, 0] + 9).astype(np.float32)
    )


def test_pictures_have_channels_rows_and_columns(own):
    np.savez(own / "d.npz", x=np.ones((12, 1, 2, 3), np.uint8), y=np.arange(12) % 2)
    made = prepared()
    assert made.train_inputs.dims == ("train_sample", "channel", "row", "column")
    assert made.train_inputs.dtype == np.float32
