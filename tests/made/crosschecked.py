"""Small networks that other packages compute tangent kernels of too, as modules of a user."""

from __future__ import annotations

from torch import nn


class MLP(nn.Sequential):
    """Three dense maps, ReLU between them."""

    def __init__(self, input_shape, n_outputs):
        features = input_shape[0] * input_shape[1] * input_shape[2]
        super().__init__(
            nn.Flatten(), nn.Linear(features, 9), nn.ReLU(), nn.Linear(9, 7), nn.ReLU(),
            nn.Linear(7, n_outputs),
        )  # fmt: skip


class CNN(nn.Sequential):
    """Two convolutions and a dense read-out."""

    def __init__(self, input_shape, n_outputs):
        channels, rows, columns = input_shape
        super().__init__(
            nn.Conv2d(channels, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 5, 3, padding=0),
            nn.ReLU(), nn.Flatten(), nn.Linear(5 * (rows - 2) * (columns - 2), n_outputs),
        )  # fmt: skip
