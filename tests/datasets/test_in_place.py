"""Prepared data sets of one's own files hold no copy, and are whole when they are opened."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.datasets import prepare
from layeratlas.datasets.in_place import LEFT_OUT, whole, without_copies
from layeratlas.datasets.recipe import recipe_of
from layeratlas.errors import DatasetError


@pytest.fixture
def prepared(own):
    rng = np.random.default_rng(0)
    np.savez(own / "d.npz", x=rng.random((30, 4)), y=np.arange(30) % 3)
    settings = {"source": "arrays", "path": "d.npz", "n_train": 20, "standardisation": "global",
                "static_label_noise": 0.5}  # fmt: skip
    return prepare(recipe_of(settings))


def test_what_is_stored_is_small_and_gives_the_same_again(prepared):
    stored = without_copies(prepared)
    assert not set(LEFT_OUT) & set(stored) and "train_index" in stored
    again = whole(stored)
    for name in prepared:
        np.testing.assert_array_equal(again[name], prepared[name])


def test_a_data_set_with_its_arrays_is_as_it_is(prepared):
    assert whole(prepared) is prepared


def test_other_content_has_another_stored_form(own, prepared):
    stored = without_copies(prepared)
    assert stored.attrs["train_inputs_sha256"] != stored.attrs["test_inputs_sha256"]
    tampered = stored.assign_attrs(train_inputs_sha256="0" * 64)
    with pytest.raises(DatasetError, match=r"d\.npz no longer gives the train_inputs"):
        whole(tampered)


def test_a_file_that_has_changed_or_gone_is_named(own, prepared):
    stored = without_copies(prepared)
    np.savez(own / "d.npz", x=np.ones((30, 4)), y=np.arange(30) % 3)
    with pytest.raises(DatasetError, match=r"d\.npz is not what it was when this job was planned"):
        whole(stored)
    (own / "d.npz").unlink()
    with pytest.raises(DatasetError, match=r"d\.npz cannot be read: No such file"):
        whole(stored)
