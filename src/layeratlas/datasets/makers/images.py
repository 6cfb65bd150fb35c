"""Images of a registered data set: subset drawn, pixels pre-processed."""

from __future__ import annotations

import numpy as np

from layeratlas.datasets.loading import RawData, load_source
from layeratlas.datasets.makers.parts import Parts, Places
from layeratlas.datasets.preprocessing import choose_samples, preprocess
from layeratlas.datasets.recipes.images import DatasetRecipe


def make(recipe: DatasetRecipe, places: Places) -> Parts:
    """Order: training subset, pixels to [0, 1], grey, resize."""
    raw = load_source(
        recipe.source, places.data_dir, places.cache_dir, places.download, places.progress
    )
    test_images, test_labels = _test_pool(raw)
    train_index, test_index = choose_samples(
        len(raw.train_labels),
        len(test_labels) if raw.has_official_test else None,
        recipe.n_train,
        recipe.n_test,
        recipe.subset_seed,
    )
    where = "the test part" if raw.has_official_test else "the pool of all images"
    return Parts(
        train_inputs=_pixels(recipe, raw, raw.train_images[train_index]),
        train_targets=raw.train_labels[train_index],
        test_inputs=_pixels(recipe, raw, test_images[test_index]),
        test_targets=test_labels[test_index],
        train_index=train_index,
        test_index=test_index,
        where=f"{where} of the source",
        where_train=f"{'the training part' if raw.has_official_test else where} of the source",
        attributes=_attributes(recipe, raw),
    )


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


def _attributes(recipe: DatasetRecipe, raw: RawData) -> dict:
    source = raw.source
    return {
        "title": f"{source.title}: {recipe.n_train} training images",
        "summary": (
            f"{recipe.n_train} training and {recipe.n_test_samples} test images of {source.title}, "
            f"{recipe.channels} × {recipe.image_size} × {recipe.image_size}. {source.note}"
        ).strip(),
        "keywords": "image classification, deep learning",
        "license": source.licence,  # ACDD spells it so
        "references": source.citation,
        **{f"raw_{name}_sha256": digest for name, digest in raw.sha256().items()},
    }
