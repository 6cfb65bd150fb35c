"""Street View House Numbers: MATLAB files."""

from __future__ import annotations

import numpy as np

from layeratlas.datasets.readers import Arrays, Paths


def read_svhn_mat(paths: Paths) -> Arrays:
    """SVHN format 2: MATLAB files with X (row, column, channel, sample) and y, where 10 means 0."""
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    arrays = {}
    for part in ("train", "test"):
        try:
            content = loadmat(paths[part], variable_names=["X", "y"])
        except MatReadError as error:  # derives from Exception only; callers expect a ValueError
            raise ValueError(str(error)) from None
        arrays[f"{part}_images"] = content["X"].transpose(3, 2, 0, 1)
        arrays[f"{part}_labels"] = (content["y"].ravel() % 10).astype(np.uint8)
    return arrays
