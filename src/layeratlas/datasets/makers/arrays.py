"""Rows of the user's own arrays."""

from __future__ import annotations

import numpy as np

from layeratlas.datasets.makers.again import found_again
from layeratlas.datasets.makers.parts import Parts, Places
from layeratlas.datasets.own_arrays import rows_of
from layeratlas.datasets.own_files import place_of
from layeratlas.datasets.preprocessing import choose_samples
from layeratlas.datasets.recipes.arrays import ArraysRecipe


def make(recipe: ArraysRecipe, places: Places) -> Parts:
    """The training subset and its test rows, values as they are.

    DatasetError where the file is not what it was when the experiment was planned.
    """
    content, path = found_again(recipe), place_of(recipe.path)
    train, test = choose_samples(
        content["n"], content["n_test"], recipe.n_train, recipe.n_test, recipe.subset_seed
    )
    test_names = (recipe.test_inputs or recipe.inputs, recipe.test_targets or recipe.targets)

    def inputs(name: str, index: np.ndarray) -> np.ndarray:
        rows = rows_of(path, name, index).astype(np.float32, copy=False)
        return rows.reshape(len(rows), *recipe.input_shape)

    def targets(name: str, index: np.ndarray) -> np.ndarray:
        rows = rows_of(path, name, index)
        if recipe.target_kind == "classes":
            return rows.reshape(len(rows)).astype(np.int64, copy=False)
        return rows.reshape(len(rows), recipe.n_outputs).astype(np.float32, copy=False)

    return Parts(
        train_inputs=inputs(recipe.inputs, train),
        train_targets=targets(recipe.targets, train),
        test_inputs=inputs(test_names[0], test),
        test_targets=targets(test_names[1], test),
        train_index=train,
        test_index=test,
        where=f"the array {test_names[0]}",
        where_train=f"the array {recipe.inputs}",
        attributes={
            "title": f"{path.name}: {recipe.n_train} training rows",
            "summary": f"{recipe.n_train} training and {recipe.n_test_samples} test rows of "
            f"{path.name}, each of shape {recipe.input_shape}.",
            "keywords": "deep learning",
            "checksum": content["checksum"],
        },
    )
