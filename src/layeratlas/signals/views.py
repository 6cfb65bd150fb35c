"""Views: which images of which split are looked at, with which targets and statistics."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import numpy as np

from layeratlas.networks.base import BatchNormMode

__all__ = ["Seen", "View"]


@dataclass(frozen=True)
class View:
    """The first `images` (None: all) of a split, evaluated in one mode of batch norm.

    `targets` of training images are `clean`, or `trained`: those that training saw, static noise
    on labels included.
    """

    split: Literal["train", "test"] = "train"
    images: int | None = None
    targets: Literal["clean", "trained"] = "clean"
    batch_norm: BatchNormMode = "running_statistics"


@dataclass(frozen=True)
class Seen:
    """Images of a view with what is true of them: all, or those of one batch.

    x `(sample, feature)`, targets `(sample,)` for classes; `first` counts the images of the view
    before these.
    """

    view: View
    x: np.ndarray
    targets: np.ndarray
    first: int = 0

    @property
    def size(self) -> int:
        """How many images."""
        return len(self.x)

    def batches(self, size: int) -> Iterator[Seen]:
        """The same images, at most `size` at a time."""
        for start in range(0, self.size, size):
            part = slice(start, start + size)
            yield replace(
                self, x=self.x[part], targets=self.targets[part], first=self.first + start
            )
            if size < self.size:
                _give_back()


def _give_back() -> None:
    """Return to the system what the C library keeps of freed memory.

    What little stays of a batch lies between its large buffers, and glibc does not put the next
    batch's into the holes: 500 batches took 6 GB that nothing held.
    """
    with suppress(OSError, AttributeError, TypeError):  # other C libraries have no such call
        _c_library().malloc_trim(0)


@cache
def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL(None)
