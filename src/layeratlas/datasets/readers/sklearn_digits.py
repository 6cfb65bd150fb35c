"""Digits as the package scikit-learn carries them."""

from __future__ import annotations

import numpy as np

from layeratlas.datasets.readers import Arrays, Paths


def read_sklearn_digits(paths: Paths) -> Arrays:
    """1,797 digits that come inside the package scikit-learn."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    return {
        "train_images": digits.images.astype(np.uint8)[:, np.newaxis],
        "train_labels": digits.target.astype(np.uint8),
    }
