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
    on labels included. `labels` chooses among training images: all, those whose label that noise
    `kept`, or those whose label it `changed`. `per_class` takes the first so many of each class of
    `targets`, in the order of the data set, and `images` the first of what is left then.
    `projections`: moments of cotangents are estimated from so many random ones a batch, None: they
    are exact. `conv_bias`: whether the copy that is differentiated has the biases of convolutions.
    """

    split: Literal["train", "test"] = "train"
    images: int | None = None
    targets: Literal["clean", "trained"] = "clean"
    batch_norm: BatchNormMode = "running_statistics"
    per_class: int | None = None
    labels: Literal["all", "kept", "changed"] = "all"
    projections: int | None = None
    conv_bias: Literal["kept", "dropped"] = "kept"

    @property
    def chooses(self) -> bool:
        """Whether it takes other images than the first ones."""
        return self.per_class is not None or self.labels != "all"

    def chosen(self, targets: np.ndarray, changed: np.ndarray, classes: int) -> np.ndarray:
        """Indices of its images, ascending, among those of `targets` `(sample,)`.

        `changed` `(sample,)` says whose label static noise changed. ValueError where one of the
        `classes` has too few images.
        """
        there = np.ones(len(targets), bool)
        if self.labels != "all":
            there = changed if self.labels == "changed" else ~changed
        if self.per_class is not None:
            counts = np.bincount(targets[there], minlength=classes)
            few = int(counts.argmin())
            if counts[few] < self.per_class:
                raise ValueError(
                    f"per_class {self.per_class} is more than the {counts[few]} images that class "
                    f"{few} has; use at most {counts[few]}"
                )
            # How many of the same class came before, image by image.
            own = (targets[:, None] == np.arange(classes)) & there[:, None]
            rank = np.take_along_axis(own.cumsum(0), targets[:, None], 1)[:, 0]
            there = there & (rank <= self.per_class)
        return np.flatnonzero(there)[: self.images]


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
