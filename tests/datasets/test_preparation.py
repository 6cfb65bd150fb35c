"""Prepared data sets: contents, labels of everything, determinism."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from layeratlas.datasets import DatasetRecipe, load_source, prepare, preprocess, sample_permutation


def fingerprint(dataset) -> str:
    digest = hashlib.sha256()
    for name, variable in dataset.variables.items():
        digest.update(f"{name} {variable.dims} {variable.dtype} {variable.attrs}".encode())
        digest.update(np.ascontiguousarray(variable.values))
    digest.update(repr(list(dataset.attrs.items())).encode())
    return digest.hexdigest()


NOISY = {
    "source": "digits",
    "n_train": 1000,
    "size": 10,
    "static_label_noise": 0.3,
    "static_input_noise": 0.5,
}


def test_clean_pool():
    recipe = DatasetRecipe(source="digits", n_train=1000, n_test=300, size=10)
    dataset = prepare(recipe)
    raw = load_source("digits")
    order = sample_permutation(1797, 1)
    np.testing.assert_array_equal(dataset.train_index, order[:1000])
    np.testing.assert_array_equal(dataset.test_index, order[1000:1300])
    for part in ("train", "test"):
        index = dataset[f"{part}_index"].values
        np.testing.assert_array_equal(
            dataset[f"{part}_inputs"],
            preprocess(raw.train_images[index], max_value=16, size=10),
        )
        np.testing.assert_array_equal(dataset[f"{part}_targets"], raw.train_labels[index])
        assert dataset[f"{part}_inputs"].dims == (f"{part}_sample", "channel", "row", "column")
        assert dataset[f"{part}_inputs"].shape[1:] == (1, 10, 10)
        assert dataset[f"{part}_inputs"].dtype == np.float32
        assert dataset[f"{part}_inputs"].min() >= 0 and dataset[f"{part}_inputs"].max() <= 1
    np.testing.assert_array_equal(dataset.train_targets, dataset.clean_train_targets)
    assert dataset.attrs["realised_flip_rate"] == 0
    assert dataset.attrs["static_input_noise_sigma"] == 0


def test_official_split(stand_in, mnist_like):
    contents, arrays = mnist_like
    data_dir = stand_in("mnist", contents, n_train=10, n_test=4)
    recipe = DatasetRecipe(source="mnist", n_train=6, n_test=3, subset_seed=5)
    dataset = prepare(recipe, data_dir=data_dir, download=False)
    np.testing.assert_array_equal(dataset.train_index, sample_permutation(10, 5)[:6])
    np.testing.assert_array_equal(
        dataset.clean_train_targets, arrays["train_labels"][dataset.train_index]
    )
    np.testing.assert_array_equal(dataset.test_targets, arrays["test_labels"][dataset.test_index])
    np.testing.assert_allclose(
        dataset.test_inputs[:, 0] * 255, arrays["test_images"][dataset.test_index], atol=1e-4
    )
    other = DatasetRecipe(source="mnist", n_train=6, n_test=3, subset_seed=6)
    np.testing.assert_array_equal(
        prepare(other, data_dir=data_dir, download=False).test_index, dataset.test_index
    )


def test_static_noise_touches_the_training_part_only():
    noisy = prepare(DatasetRecipe(**NOISY))
    clean = prepare(DatasetRecipe(**{**NOISY, "static_label_noise": 0, "static_input_noise": 0}))
    for name in ("clean_train_targets", "train_index", "test_inputs", "test_targets", "test_index"):
        np.testing.assert_array_equal(noisy[name], clean[name])
    changed = noisy.train_label_changed.values.astype(bool)
    np.testing.assert_array_equal(changed, noisy.train_targets != noisy.clean_train_targets)
    assert noisy.train_label_redrawn.sum() == 300
    assert noisy.attrs["realised_flip_rate"] == changed.mean() == pytest.approx(0.27, abs=0.04)
    added = (noisy.train_inputs - clean.train_inputs).values.astype(float)
    assert added.std() == pytest.approx(noisy.attrs["static_input_noise_sigma"], rel=0.02)
    assert noisy.attrs["static_input_noise_sigma"] == pytest.approx(
        0.5 * clean.train_inputs.values.std(dtype=float)
    )


def test_one_noise_does_not_move_the_other():
    both = prepare(DatasetRecipe(**NOISY))
    labels_only = prepare(DatasetRecipe(**{**NOISY, "static_input_noise": 0}))
    inputs_only = prepare(DatasetRecipe(**{**NOISY, "static_label_noise": 0}))
    np.testing.assert_array_equal(both.train_targets, labels_only.train_targets)
    np.testing.assert_array_equal(both.train_inputs, inputs_only.train_inputs)
    reseeded = prepare(DatasetRecipe(**{**NOISY, "static_noise_seed": 1}))
    assert (both.train_targets != reseeded.train_targets).any()
    np.testing.assert_array_equal(both.train_index, reseeded.train_index)


def test_same_recipe_same_bytes():
    a, b = (prepare(DatasetRecipe(**NOISY)) for _ in range(2))
    assert fingerprint(a) == fingerprint(b)
    assert a.identical(b) and list(a.attrs) == list(b.attrs)


def test_everything_is_described():
    recipe = DatasetRecipe(**NOISY)
    dataset = prepare(recipe)
    assert set(dataset.dims) == {"train_sample", "test_sample", "channel", "row", "column"}
    for variable in dataset.variables.values():
        assert variable.attrs["long_name"] and variable.attrs["units"] == "1"
    attrs = dataset.attrs
    assert DatasetRecipe(**json.loads(attrs["recipe"])) == recipe
    assert attrs["recipe_key"] == recipe.key
    assert attrs["Conventions"] == "CF-1.11, ACDD-1.3"
    assert attrs["source"] == "digits" and attrs["license"] and attrs["references"]
    assert (attrs["input_kind"], attrs["target_kind"], attrs["n_outputs"]) == (
        "real",
        "classes",
        10,
    )
    assert attrs["static_label_noise"] == 0.3 and attrs["static_input_noise"] == 0.5
    assert attrs["raw_train_images_sha256"].startswith("8f26b2bd")
    assert "raw_test_images_sha256" not in attrs
    json.dumps(attrs, allow_nan=False)


def test_survives_netcdf(tmp_path):
    import xarray

    dataset = prepare(DatasetRecipe(**NOISY))
    dataset.to_netcdf(tmp_path / "data.nc", engine="netcdf4")
    with xarray.open_dataset(tmp_path / "data.nc", engine="netcdf4") as stored:
        for name in dataset.variables:
            np.testing.assert_array_equal(stored[name], dataset[name])
            assert stored[name].dtype == dataset[name].dtype
        assert stored.attrs == dataset.attrs
