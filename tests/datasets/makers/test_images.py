"""Registered images: what is made of them; the rest stands in test_preparation.py."""

from __future__ import annotations

import numpy as np

from layeratlas.datasets import DatasetRecipe, load_source, sample_permutation
from layeratlas.datasets.makers.images import make
from layeratlas.datasets.makers.parts import Places


def test_targets_and_indices_belong_together():
    parts = make(DatasetRecipe(source="digits", n_train=100, n_test=50), Places())
    raw = load_source("digits")
    np.testing.assert_array_equal(parts.train_targets, raw.train_labels[parts.train_index])
    np.testing.assert_array_equal(parts.test_targets, raw.train_labels[parts.test_index])
    np.testing.assert_array_equal(
        parts.test_inputs * 16, raw.train_images[parts.test_index].astype(np.float32)
    )
    assert parts.where == parts.where_train == "the pool of all images of the source"


def test_an_official_training_part_is_drawn_from_at_random(stand_in, mnist_like):
    contents, arrays = mnist_like
    data_dir = stand_in("mnist", contents, n_train=10, n_test=4)
    recipe = DatasetRecipe(source="mnist", n_train=6, subset_seed=3)
    parts = make(recipe, Places(data_dir, download=False))
    np.testing.assert_array_equal(parts.train_index, sample_permutation(10, 3)[:6])
    np.testing.assert_array_equal(
        parts.train_targets, arrays["train_labels"][sample_permutation(10, 3)[:6]]
    )
    np.testing.assert_array_equal(parts.test_index, np.arange(4))
