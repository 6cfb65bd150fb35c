"""Images of a folder: subset drawn, decoded, pre-processed as those of registered data sets."""

from __future__ import annotations

import numpy as np

from layeratlas.datasets.makers.again import found_again
from layeratlas.datasets.makers.parts import Parts, Places
from layeratlas.datasets.own_files import place_of
from layeratlas.datasets.own_images import classes_in, decoded
from layeratlas.datasets.preprocessing import choose_samples, preprocess
from layeratlas.datasets.recipes.folder import FolderRecipe
from layeratlas.errors import DatasetError


def make(recipe: FolderRecipe, places: Places) -> Parts:
    """Images are counted class by class, by name. DatasetError where the folder has changed."""
    content = found_again(recipe)
    train, test = choose_samples(
        content["n"], content["n_test"], recipe.n_train, recipe.n_test, recipe.subset_seed
    )
    test_path = recipe.path if recipe.test_path is None else recipe.test_path
    try:
        train_inputs, train_targets = _decoded(recipe, recipe.path, train)
        test_inputs, test_targets = _decoded(recipe, test_path, test)
    except ValueError as error:
        raise DatasetError(error) from None
    name = place_of(recipe.path).name
    return Parts(
        train_inputs=train_inputs,
        train_targets=train_targets,
        test_inputs=test_inputs,
        test_targets=test_targets,
        train_index=train,
        test_index=test,
        where="the folder, class by class",
        where_train="the folder, class by class",
        attributes={
            "title": f"{name}: {recipe.n_train} training images",
            "summary": f"{recipe.n_train} training and {recipe.n_test_samples} test images of "
            f"{name}, {' × '.join(map(str, recipe.input_shape))}.",
            "keywords": "image classification, deep learning",
            "classes": ", ".join(content["classes"]),
            "checksum": content["checksum"],
        },
    )


def _decoded(recipe: FolderRecipe, path: str, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pixels and classes of the images at these places."""
    every = [(i, f) for i, (_, files) in enumerate(classes_in(place_of(path))) for f in files]
    channels = recipe.found["channels"]
    pixels = np.empty((len(index), *recipe.input_shape), np.float32)
    for row, at in enumerate(index):
        pixels[row] = preprocess(
            decoded(every[at][1], channels)[None],
            size=recipe.size,
            antialias=recipe.antialias,
            grayscale=recipe.grayscale,
        )[0]
    return pixels, np.array([every[at][0] for at in index], np.int64)
