"""From a recipe to the labelled arrays that networks are trained and tested on."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from layeratlas.datasets.makers.parts import Parts, Places
from layeratlas.datasets.noise import (
    StaticInputNoise,
    StaticLabelNoise,
    draw_static_input_noise,
    draw_static_label_noise,
)
from layeratlas.datasets.recipes.base import BaseRecipe
from layeratlas.datasets.standardisation import standardise
from layeratlas.tables import resolve

if TYPE_CHECKING:
    import xarray


def prepare(
    recipe: BaseRecipe,
    *,
    data_dir: Path | str | None = None,
    cache_dir: Path | str | None = None,
    download: bool = True,
    progress: bool = True,
) -> xarray.Dataset:
    """The data set of `recipe`: samples chosen, inputs pre-processed, static noise applied.

    Order: training subset, then what the recipe's sort does (of images: pixels to [0, 1], grey,
    resize), standardisation, then static noise on the training part. Test inputs and targets never
    get noise. The same recipe gives the same bytes.

    Returns
    -------
    xarray.Dataset
        Dimensions train_sample, test_sample; of an input channel, row, column (those of length 1
        are kept), feature, position, or axis_1, axis_2, … where its shape is none of these; of a
        target output (vectors) or position (tokens).

        ===========================  =======================  ================================
        variable                     type                     content
        ===========================  =======================  ================================
        train_inputs                 float32, int64           pixels in [0, 1] unless noisy;
                                                              real numbers; tokens
        train_targets                int64, float32           classes to train on, with noise;
                                                              vectors; tokens
        clean_train_targets          int64, float32           targets of the source
        train_label_changed          int8, 0 or 1             noisy class ≠ clean class
        train_label_redrawn          int8, 0 or 1             class was drawn again
        train_index                  int64                    position in training part or pool
        test_inputs, test_targets    as of training           as above
        test_index                   int64                    position in test part or pool
        ===========================  =======================  ================================

        `train_label_…` are there where targets are classes. All dimensionless (units "1").
        Attributes: the recipe, its key, source, licence, citation, what inputs and targets are and
        how many outputs a network has for them, checksums of the raw arrays, noise strengths and
        the realised flip rate.

    Raises
    ------
    DatasetError
        The source cannot be loaded; see `layeratlas.datasets.loading.load_source`.
    """
    import xarray

    parts: Parts = resolve(recipe.maker)(recipe, Places(data_dir, cache_dir, download, progress))
    train_inputs, test_inputs = parts.train_inputs, parts.test_inputs
    standardise(train_inputs, test_inputs, recipe.standardisation, recipe.mean_shift)
    labels, inputs = _with_noise(recipe, parts)

    train, test = "train_sample", "test_sample"
    of_input, of_target = _dims(recipe, parts)
    what, of = _WORDS["pixels" if "channel" in of_input else recipe.input_kind]
    meant = _TARGETS[recipe.target_kind]
    variables: dict[Hashable, tuple[Any, np.ndarray, str]] = {
        "train_inputs": ((train, *of_input), inputs.images, f"{what} of the training {of}"),
        "train_targets": (
            (train, *of_target),
            labels.labels,
            f"{meant} to train on{', with static label noise' if meant == 'classes' else ''}",
        ),
        "clean_train_targets": (
            (train, *of_target),
            labels.clean_labels,
            f"{meant} as the source states them",
        ),
    }
    if recipe.target_kind == "classes":
        variables |= {
            "train_label_changed": (train, labels.changed, "static noise gave another class"),
            "train_label_redrawn": (train, labels.redrawn, "class was drawn again by static noise"),
        }
    variables |= {
        "train_index": (train, parts.train_index, f"position in {parts.where_train}"),
        "test_inputs": ((test, *of_input), test_inputs, f"{what} of the test {of}"),
        "test_targets": ((test, *of_target), parts.test_targets, f"{meant} of the test {of}"),
        "test_index": (test, parts.test_index, f"position in {parts.where}"),
    }
    dataset = xarray.Dataset(
        {
            name: (dims, _storable(values), _describe(values, long_name))
            for name, (dims, values, long_name) in variables.items()
        }
    )
    dataset.attrs = _attributes(recipe, parts, labels, inputs.sigma)
    return dataset


_WORDS = {
    "pixels": ("pixel values", "images"),
    "real": ("entries", "inputs"),
    "tokens": ("tokens", "texts"),
}
_TARGETS = {"classes": "classes", "vectors": "targets", "tokens": "next tokens"}


def _with_noise(recipe: BaseRecipe, parts: Parts) -> tuple[StaticLabelNoise, StaticInputNoise]:
    """Training targets and inputs with static noise; only classes and real inputs can have any."""
    clean = parts.train_targets
    if recipe.target_kind == "classes":
        labels = draw_static_label_noise(
            clean, recipe.static_label_noise, recipe.n_classes, recipe.static_noise_seed
        )
    else:
        labels = StaticLabelNoise(clean, clean, np.zeros(len(clean), dtype=bool))
    if recipe.input_kind == "tokens":
        return labels, StaticInputNoise(parts.train_inputs, 0.0)
    return labels, draw_static_input_noise(
        parts.train_inputs, recipe.static_input_noise, recipe.static_noise_seed
    )


def _dims(recipe: BaseRecipe, parts: Parts) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the axes of one input and of one target."""
    rank = parts.train_inputs.ndim - 1
    if recipe.input_kind == "tokens":
        of_input: tuple[str, ...] = ("position",)
    elif rank == 3:
        of_input = ("channel", "row", "column")
    else:
        of_input = ("feature",) if rank == 1 else tuple(f"axis_{i + 1}" for i in range(rank))
    return of_input, {"classes": (), "vectors": ("output",), "tokens": ("position",)}[
        recipe.target_kind
    ]


def _storable(values: np.ndarray) -> np.ndarray:
    # netCDF has no booleans; CF writes them as bytes with flag meanings.
    return values.astype(np.int8) if values.dtype == bool else values


def _describe(values: np.ndarray, long_name: str) -> dict:
    attrs: dict[str, Any] = {"long_name": long_name, "units": "1"}
    if values.dtype == bool:
        attrs |= {"flag_values": np.array([0, 1], dtype=np.int8), "flag_meanings": "no yes"}
    return attrs


def _attributes(
    recipe: BaseRecipe, parts: Parts, labels: StaticLabelNoise, sigma: float
) -> dict[str, Any]:
    of_classes = recipe.target_kind == "classes"
    return {
        **parts.attributes,
        "Conventions": "CF-1.11, ACDD-1.3",
        "source": recipe.source,
        "recipe": recipe.canonical_json,
        "recipe_key": recipe.key,
        "input_kind": recipe.input_kind,
        "target_kind": recipe.target_kind,
        "n_outputs": recipe.n_outputs,
        **({"n_classes": recipe.n_classes} if of_classes else {}),
        "static_label_noise": recipe.static_label_noise,
        "static_input_noise": recipe.static_input_noise,
        "static_input_noise_sigma": sigma,
        **({"realised_flip_rate": labels.realised_flip_rate} if of_classes else {}),
    }
