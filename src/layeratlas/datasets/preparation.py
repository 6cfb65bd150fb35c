"""From a recipe to the labelled arrays that networks are trained and tested on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from layeratlas.datasets.loading import RawData, load_source
from layeratlas.datasets.noise import draw_static_input_noise, draw_static_label_noise
from layeratlas.datasets.preprocessing import (
    choose_test,
    preprocess,
    sample_permutation,
    split_pool,
)
from layeratlas.datasets.recipe import DatasetRecipe

if TYPE_CHECKING:
    import xarray


def prepare(
    recipe: DatasetRecipe,
    *,
    data_dir: Path | str | None = None,
    cache_dir: Path | str | None = None,
    download: bool = True,
    progress: bool = True,
) -> xarray.Dataset:
    """The data set of `recipe`: subset drawn, pixels pre-processed, static noise applied.

    Order: training subset, pixels to [0, 1], grey, resize, then static noise on the training part.
    Test images and labels never get noise. The same recipe gives the same bytes.

    Returns
    -------
    xarray.Dataset
        Dimensions train_sample, test_sample, channel, row, column (those of length 1 are kept).

        ===========================  =======================  ================================
        variable                     type                     content
        ===========================  =======================  ================================
        train_inputs                 float32                  pixels, in [0, 1] unless noisy
        train_targets                int64                    classes to train on, with noise
        clean_train_targets          int64                    classes of the source
        train_label_changed          int8, 0 or 1             noisy class ≠ clean class
        train_label_redrawn          int8, 0 or 1             class was drawn again
        train_index                  int64                    position in training part or pool
        test_inputs, test_targets    float32, int64           as above
        test_index                   int64                    position in test part or pool
        ===========================  =======================  ================================

        All dimensionless (units "1"). Attributes: the recipe, its key, source, licence, citation,
        what inputs and targets are and how many outputs a network has for them, checksums of the
        raw arrays, noise strengths and the realised flip rate.

    Raises
    ------
    DatasetError
        The source cannot be loaded; see `load_source`.
    """
    import xarray

    raw = load_source(recipe.source, data_dir, cache_dir, download, progress)
    train_index, test_index = _choose_samples(recipe, raw)
    test_images, test_labels = _test_pool(raw)

    labels = draw_static_label_noise(
        raw.train_labels[train_index],
        recipe.static_label_noise,
        recipe.n_classes,
        recipe.static_noise_seed,
    )
    inputs = draw_static_input_noise(
        _pixels(recipe, raw, raw.train_images[train_index]),
        recipe.static_input_noise,
        recipe.static_noise_seed,
    )

    train, test, image = "train_sample", "test_sample", ("channel", "row", "column")
    where = "the test part" if raw.has_official_test else "the pool of all images"
    variables = {
        "train_inputs": ((train, *image), inputs.images, "pixel values of the training images"),
        "train_targets": (train, labels.labels, "classes to train on, with static label noise"),
        "clean_train_targets": (train, labels.clean_labels, "classes as the source states them"),
        "train_label_changed": (train, labels.changed, "static noise gave another class"),
        "train_label_redrawn": (train, labels.redrawn, "class was drawn again by static noise"),
        "train_index": (
            train,
            train_index,
            f"position in {'the training part' if raw.has_official_test else where} of the source",
        ),
        "test_inputs": (
            (test, *image),
            _pixels(recipe, raw, test_images[test_index]),
            "pixel values of the test images",
        ),
        "test_targets": (test, test_labels[test_index], "classes of the test images"),
        "test_index": (test, test_index, f"position in {where} of the source"),
    }
    dataset = xarray.Dataset(
        {
            name: (dims, _storable(values), _describe(values, long_name))
            for name, (dims, values, long_name) in variables.items()
        }
    )
    dataset.attrs = _attributes(recipe, raw, labels.realised_flip_rate, inputs.sigma)
    return dataset


def _choose_samples(recipe: DatasetRecipe, raw: RawData) -> tuple[np.ndarray, np.ndarray]:
    n = len(raw.train_labels)
    if not raw.has_official_test:
        return split_pool(n, recipe.n_train, recipe.n_test, recipe.subset_seed)
    train_index = sample_permutation(n, recipe.subset_seed)[: recipe.n_train]
    return train_index, choose_test(len(_test_pool(raw)[1]), recipe.n_test)


def _test_pool(raw: RawData) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels that test images are taken from; all there are without a test part."""
    if raw.test_images is None or raw.test_labels is None:
        return raw.train_images, raw.train_labels
    return raw.test_images, raw.test_labels


def _pixels(recipe: DatasetRecipe, raw: RawData, images: np.ndarray) -> np.ndarray:
    return preprocess(
        images,
        max_value=raw.source.max_value,
        size=recipe.size,
        antialias=recipe.antialias,
        grayscale=recipe.grayscale,
    )


def _storable(values: np.ndarray) -> np.ndarray:
    # netCDF has no booleans; CF writes them as bytes with flag meanings.
    return values.astype(np.int8) if values.dtype == bool else values


def _describe(values: np.ndarray, long_name: str) -> dict:
    attrs: dict[str, Any] = {"long_name": long_name, "units": "1"}
    if values.dtype == bool:
        attrs |= {"flag_values": np.array([0, 1], dtype=np.int8), "flag_meanings": "no yes"}
    return attrs


def _attributes(recipe: DatasetRecipe, raw: RawData, flip_rate: float, sigma: float) -> dict:
    source = raw.source
    return {
        "title": f"{source.title}: {recipe.n_train} training images",
        "summary": (
            f"{recipe.n_train} training and {recipe.n_test_samples} test images of {source.title}, "
            f"{recipe.channels} × {recipe.image_size} × {recipe.image_size}. {source.note}"
        ).strip(),
        "keywords": "image classification, deep learning",
        "Conventions": "CF-1.11, ACDD-1.3",
        "source": source.name,
        "recipe": recipe.canonical_json,
        "recipe_key": recipe.key,
        "input_kind": "real",
        "target_kind": recipe.target_kind,
        "n_outputs": recipe.n_outputs,
        "n_classes": source.n_classes,
        "license": source.licence,  # ACDD spells it so
        "references": source.citation,
        "static_label_noise": recipe.static_label_noise,
        "static_input_noise": recipe.static_input_noise,
        "static_input_noise_sigma": sigma,
        "realised_flip_rate": flip_rate,
        **{f"raw_{name}_sha256": digest for name, digest in raw.sha256().items()},
    }
