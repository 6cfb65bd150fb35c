"""The small convolutional network that Lou et al. (ICML 2022) train on Fashion-MNIST.

Two 3×3 convolutions, the first with a margin of one pixel, the second without, each with batch
norm, ReLU and 2×2 max-pooling; three dense maps, of 28×28 images 2304 → 600 → 120 → outputs. What
stands between the dense maps is not on record: ReLU, a default chosen here.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from layeratlas.networks.zoo.settings import image_shape, widened

#: Channels of the two convolutions and units of the two hidden dense maps, at width 1.
SIZES = (32, 64, 600, 120)


class SmallCNN(nn.Module):
    """Maps `conv1`, `conv2`, `dense1`, `dense2`, `head`, of images.

    width: multiplier of channels and units. Images are `(sample, channel, row, column)`.
    ConfigError for another width, or for what is no image of at least 8×8 pixels.
    """

    def __init__(self, input_shape: Sequence[int], n_outputs: int, width: float = 1):
        super().__init__()
        channels, *pixels = image_shape(input_shape, "SmallCNN", 8)
        first, second, wide, narrow = widened(width, SIZES)
        rows, columns = ((side // 2 - 2) // 2 for side in pixels)
        self.conv1, self.norm1 = nn.Conv2d(channels, first, 3, padding=1), nn.BatchNorm2d(first)
        self.conv2, self.norm2 = nn.Conv2d(first, second, 3), nn.BatchNorm2d(second)
        self.dense1 = nn.Linear(second * rows * columns, wide)
        self.dense2 = nn.Linear(wide, narrow)
        self.head = nn.Linear(narrow, n_outputs)

    def forward(self, images: Tensor) -> Tensor:
        pool = nn.functional.max_pool2d
        x = pool(torch.relu(self.norm1(self.conv1(images))), 2)
        x = pool(torch.relu(self.norm2(self.conv2(x))), 2)
        x = torch.relu(self.dense1(x.flatten(1)))
        return self.head(torch.relu(self.dense2(x)))
