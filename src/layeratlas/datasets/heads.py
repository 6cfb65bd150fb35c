"""Sources that are the first images of every class of another: made of it where they lie nowhere.

`cifar10_subset` is the first 1,000 training and 200 test images of every class of CIFAR-10. Its own
file has them in the official order (its `index_train` ascends), so order and pixels are known, and
the array checksums of the source hold for what is made here as for what is read from its file.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

from layeratlas.datasets.source import Source
from layeratlas.errors import DatasetError


def first_of_each_class(labels: Int[np.ndarray, " sample"], n: int, n_classes: int) -> np.ndarray:
    """Ascending positions of the first `n` samples of each class; of a smaller class all."""
    each = [np.flatnonzero(labels == k)[:n] for k in range(n_classes)]
    return np.sort(np.concatenate(each))


def heads_of(source: Source, whole: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays of `source` as its own file has them, of those of the source that it is part of.

    `whole`: images `(sample, channel, row, column)` and labels, `train_…` and `test_…`.
    DatasetError where a class has too few.
    """
    found = {}
    for part, n in (("train", source.n_train), ("test", source.n_test)):
        labels = whole[f"{part}_labels"]
        chosen = first_of_each_class(labels, (n or 0) // source.n_classes, source.n_classes)
        if len(chosen) != n:
            raise DatasetError(
                f"{source.name}: {source.part_of} has {len(chosen)} of the {n} {part} images that "
                "it is made of: some class has too few"
            )
        images = whole[f"{part}_images"][chosen]
        found[f"{part}_images"] = images.transpose(0, 2, 3, 1) if source.channels_last else images
        found[f"{part}_labels"] = labels[chosen].astype(np.uint8)
    return found
