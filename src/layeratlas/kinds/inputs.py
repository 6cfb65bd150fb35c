"""Which networks and which noise go with the inputs and targets of a data set."""

from __future__ import annotations

import math
from typing import Any

from layeratlas.datasets.recipes.base import BaseRecipe

_OF_REAL_INPUTS = ("mlp", "residual_mlp", "block_cnn")


def refuse_inputs(data: BaseRecipe, model: Any, noise: Any) -> None:
    """ValueError, a sentence, where the network cannot read the inputs, or noise is not defined."""
    family, source = model.family, data.source
    if data.input_kind == "tokens" and family in _OF_REAL_INPUTS:
        raise ValueError(
            f"model.family {family!r} reads real numbers, and dataset.source {source!r} gives "
            "tokens; use a network that has an embedding, e.g. family 'module'"
        )
    shape = data.input_shape
    if family == "block_cnn":
        if len(shape) != 3:
            raise ValueError(
                f"model.family 'block_cnn' needs images, channel × row × column, and "
                f"dataset.source {source!r} gives inputs of shape {list(shape)}"
            )
        if shape[1] % 2 or shape[2] % 2:
            pixels = f"{shape[1]}" if shape[1] == shape[2] else f"{shape[1]} × {shape[2]}"
            raise ValueError(
                f"model.family 'block_cnn' halves and doubles images, so their side must be even; "
                f"dataset gives {pixels} pixels: choose an even dataset.size"
            )
    if noise.label_noise and data.target_kind != "classes":
        raise ValueError(
            f"noise.label_noise {noise.label_noise:g} redraws classes, and dataset.source "
            f"{source!r} has {data.target_kind} for targets; leave it out"
        )
    if noise.input_noise and data.input_kind == "tokens":
        raise ValueError(
            f"noise.input_noise {noise.input_noise:g} is added to real inputs, and dataset.source "
            f"{source!r} gives tokens; leave it out"
        )


def as_image(shape: tuple[int, ...]) -> tuple[int, int]:
    """(channels, side) of the square image that has as many entries as an input of this shape.

    For estimates of memory: an input that is no square image has as many channels as entries.
    """
    if len(shape) == 3 and shape[1] == shape[2]:
        return shape[0], shape[1]
    return math.prod(shape), 1
