"""Prepared data sets of the user's own files: a reference to these, and no copy.

What is stored has the recipe with the files' checksum, which samples were taken, and a checksum of
every array that is left out. Whoever opens it makes the arrays again from the files where they
are, and finds them to be the same.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from layeratlas.errors import DatasetError
from layeratlas.tables import resolve

if TYPE_CHECKING:
    import xarray

LEFT_OUT = ("train_inputs", "train_targets", "clean_train_targets", "test_inputs", "test_targets")
_SUM = "{}_sha256"
# By name: training does not repeat because code that made the same arrays was edited.
_PREPARE = "layeratlas.datasets.preparation:prepare"
_RECIPE = "layeratlas.datasets.recipe:recipe_of"


def without_copies(dataset: xarray.Dataset) -> xarray.Dataset:
    """A prepared data set as it is stored where its arrays stay in the user's files."""
    sums = {_SUM.format(name): _sha256(dataset[name].values) for name in LEFT_OUT}
    return dataset.drop_vars(LEFT_OUT).assign_attrs(sums)


def whole(stored: xarray.Dataset) -> xarray.Dataset:
    """A prepared data set with all its arrays, which may have to be made again from files.

    DatasetError where a file is gone, or gives other arrays than it gave.
    """
    if LEFT_OUT[0] in stored:
        return stored
    recipe = resolve(_RECIPE)(stored.attrs["recipe"])
    made = resolve(_PREPARE)(recipe)
    for name in LEFT_OUT:
        if _sha256(made[name].values) != stored.attrs.get(_SUM.format(name)):
            raise DatasetError(
                f"{recipe.path} no longer gives the {name} that were prepared from it; start "
                "again, and what depends on it is made anew"
            )
    return made


def _sha256(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()
