"""Local subsets: arrays of numpy in one archive."""

from __future__ import annotations

import numpy as np

from layeratlas.datasets.readers import Arrays, Paths


def read_npz(paths: Paths) -> Arrays:
    """The local subsets: arrays x_train, y_train, x_test, y_test."""
    with np.load(paths["archive"], allow_pickle=False) as content:
        return {
            f"{part}_{kind}": content[f"{letter}_{part}"]
            for part in ("train", "test")
            for kind, letter in (("images", "x"), ("labels", "y"))
        }
