"""How shapes go with the number of samples, learned from a pass with two and one with three."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

#: The batches that a survey passes.
BATCHES = (2, 3)


@dataclass(frozen=True)
class Extent:
    """A shape of which one axis holds the samples, `multiple` entries each, samples outermost.

    A multiple above 1 is of modules that fold positions into the batch, such as windows of an
    image. `sizes` has a 0 at that axis.
    """

    sizes: tuple[int, ...]
    axis: int
    multiple: int

    @classmethod
    def of(cls, shapes: Sequence[tuple[int, ...]]) -> Extent:
        """From the shapes under `BATCHES`; ValueError where no one axis goes with the batch."""
        first, second = shapes
        if len(first) != len(second):
            raise ValueError(f"{first} for {BATCHES[0]} samples, {second} for {BATCHES[1]}")
        moved = [i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a != b]
        if len(moved) == 1:
            (axis,) = moved
            multiple, rest = divmod(first[axis], BATCHES[0])
            if not rest and multiple and second[axis] == multiple * BATCHES[1]:
                sizes = tuple(0 if i == axis else n for i, n in enumerate(first))
                return cls(sizes, axis, multiple)
        raise ValueError(f"{first} for {BATCHES[0]} samples, {second} for {BATCHES[1]}")

    @property
    def size(self) -> int:
        """Numbers a sample."""
        return self.multiple * math.prod(n for i, n in enumerate(self.sizes) if i != self.axis)

    def shape(self, samples: int) -> tuple[int, ...]:
        """With so many samples."""
        return tuple(
            samples * self.multiple if i == self.axis else n for i, n in enumerate(self.sizes)
        )

    def samples_first(self, x: Tensor) -> Tensor:
        """`(sample, multiple, …)` of a tensor of this extent, its other axes in their order."""
        return x.movedim(self.axis, 0).unflatten(0, (-1, self.multiple))

    def flat(self, x: Tensor) -> Tensor:
        """`(sample, number)`."""
        return self.samples_first(x).flatten(1)

    def back(self, flat: Tensor) -> Tensor:
        """The tensor again from what `flat` made of it."""
        others = [n for i, n in enumerate(self.sizes) if i != self.axis]
        return flat.reshape(len(flat) * self.multiple, *others).movedim(0, self.axis)
