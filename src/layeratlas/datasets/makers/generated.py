"""Samples that a generator draws, each part from a stream of its own."""

from __future__ import annotations

from typing import Literal

import numpy as np

from layeratlas.datasets.generators.draw import Draw
from layeratlas.datasets.generators.registry import GENERATORS
from layeratlas.datasets.makers.parts import Parts, Places
from layeratlas.datasets.recipes.generated import GeneratedRecipe
from layeratlas.errors import DatasetError, LayerAtlasError
from layeratlas.tables import resolve
from layeratlas.words import shortened

_SHARED, _TRAIN, _TEST = 11, 12, 13


def make(recipe: GeneratedRecipe, places: Places) -> Parts:
    """Both parts, drawn. DatasetError, one sentence, for what is not what the entry declares."""
    entry = GENERATORS[recipe.source]
    train = _drawn(recipe, "train", recipe.n_train, _TRAIN)
    test = _drawn(recipe, "test", recipe.n_test_samples, _TEST)
    return Parts(
        train_inputs=train[0],
        train_targets=train[1],
        test_inputs=test[0],
        test_targets=test[1],
        train_index=np.arange(recipe.n_train),
        test_index=np.arange(recipe.n_test_samples),
        where="the draw",
        where_train="the draw",
        attributes={
            "title": f"{entry.title or entry.name}: {recipe.n_train} training samples",
            "summary": f"{recipe.n_train} training and {recipe.n_test_samples} test samples of "
            f"{entry.title or entry.name}, drawn with seed {recipe.draw_seed}.",
            "keywords": "synthetic data, deep learning",
            "references": entry.references,
        },
    )


def _drawn(
    recipe: GeneratedRecipe, part: Literal["train", "test"], n: int, stream: int
) -> tuple[np.ndarray, np.ndarray]:
    reference = GENERATORS[recipe.source].function
    function, seed = resolve(reference), recipe.draw_seed
    draw = Draw(
        n=n,
        part=part,
        settings=dict(recipe.settings),
        rng=np.random.default_rng([seed, stream]),
        shared=np.random.default_rng([seed, _SHARED]),
    )
    try:
        inputs, targets = function(draw)
        inputs, targets = np.asarray(inputs), np.asarray(targets)
    except LayerAtlasError:
        raise
    except Exception as error:
        raise DatasetError(
            f"source {recipe.source!r}: {reference} failed: "
            f"{type(error).__name__}: {shortened(str(error), 160)}"
        ) from error
    return _checked(recipe, n, inputs, "inputs"), _checked(recipe, n, targets, "targets")


def _checked(recipe: GeneratedRecipe, n: int, values: np.ndarray, what: str) -> np.ndarray:
    """Inputs or targets in the type that they are stored in, if they are what is declared."""
    if what == "inputs":
        shape, whole = recipe.input_shape, recipe.input_kind == "tokens"
    else:
        kind = recipe.target_kind
        whole = kind != "vectors"
        shape = {"classes": (), "vectors": (recipe.n_outputs,), "tokens": recipe.input_shape}[kind]
        if shape == (1,) and values.ndim == 1:
            values = values[:, None]
    if values.shape != (n, *shape):
        raise DatasetError(
            f"source {recipe.source!r} gives {what} of shape {values.shape}, where its entry "
            f"declares {(n, *shape)}"
        )
    if values.dtype.kind not in ("biu" if whole else "biuf"):
        raise DatasetError(
            f"source {recipe.source!r} gives {what} of type {values.dtype}; expected "
            f"{'whole' if whole else 'real'} numbers"
        )
    if whole:
        # Of classes there may be more than outputs: two of them, told by the sign of one.
        most = max(recipe.n_outputs, 2) if what == "targets" else None
        if values.min() < 0 or (most and values.max() >= most):
            raise DatasetError(
                f"source {recipe.source!r} gives {what} from {values.min()} to {values.max()}, "
                f"where its entry declares 0 to {most - 1 if most else '…'}"
            )
        return np.ascontiguousarray(values, dtype=np.int64)
    stored = np.ascontiguousarray(values, dtype=np.float32)
    if not np.isfinite(stored).all():
        raise DatasetError(f"source {recipe.source!r} gives {what} with NaN or infinity")
    return stored
