"""What settings of the zoo's networks have in common, and how they are refused."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

from layeratlas.errors import ConfigError
from layeratlas.words import listed, quoted

__all__ = ["image_shape", "one_of", "widened"]

#: A width multiplier above this is taken for a mistake, before the memory for it is asked for.
WIDEST = 16


def one_of(name: str, value: Any, known: Collection[Any]) -> Any:
    """`value`, one of `known`; ConfigError for another."""
    for one in known:
        # True is no 1 here: neither is a depth a switch.
        if value == one and isinstance(value, bool) == isinstance(one, bool):
            return one
    raise ConfigError(f"model.settings.{name}: {quoted(value)} is none; known: {listed(known)}")


def widened(width: Any, counts: Sequence[int]) -> list[int]:
    """Numbers of channels or units times the width multiplier; ConfigError unless all are whole."""
    step = math.gcd(*counts)
    if (
        isinstance(width, bool)
        or not isinstance(width, int | float)
        or not 0 < width <= WIDEST
        or width * step % 1
    ):
        raise ConfigError(
            f"model.settings.width: {quoted(width)} gives no whole number of channels; give a "
            f"multiple of 1/{step} up to {WIDEST}, such as 0.5; 1 is the published width"
        )
    return [round(width * count) for count in counts]


def image_shape(input_shape: Sequence[int], network: str, least: int) -> tuple[int, int, int]:
    """(channel, row, column) of the images; ConfigError for other data, or for too few pixels."""
    shape = tuple(input_shape)
    if len(shape) != 3 or min(shape[1:]) < least:
        raise ConfigError(
            f"model.from: {network} reads images (channel, row, column) of at least "
            f"{least}×{least} pixels; the data set has samples of shape {shape}"
        )
    channels, rows, columns = shape
    return channels, rows, columns
