"""Views: which images of which split are looked at, with which targets and statistics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
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
