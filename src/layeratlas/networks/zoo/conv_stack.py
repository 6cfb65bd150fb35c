"""Convolutions one after the other, for images too small for a VGG: a stand-in of this project's.

3×3 with a margin of one pixel, biases, ReLU after each, 2×2 max-pooling after every second one, the
mean over pixels, one dense read-out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from layeratlas.errors import ConfigError
from layeratlas.networks.zoo.settings import image_shape
from layeratlas.words import quoted

__all__ = ["ConvStack"]


class ConvStack(nn.Module):
    """Maps `conv1`, `conv2`, …, `head`, of images `(sample, channel, row, column)`.

    channels: of each convolution. ConfigError for what is no list of counts, or no image.
    """

    def __init__(
        self, input_shape: Sequence[int], n_outputs: int, channels: Sequence[int] = (32, 64, 64)
    ):
        super().__init__()
        given, *_ = image_shape(input_shape, "ConvStack", 2)
        self.convolutions: list[nn.Module] = []
        for at, count in enumerate(_counts(channels), start=1):
            conv = nn.Conv2d(given, count, 3, padding=1)
            self.add_module(f"conv{at}", conv)
            self.convolutions.append(conv)
            given = count
        self.head = nn.Linear(given, n_outputs)

    def forward(self, images: Tensor) -> Tensor:
        x = images
        for at, conv in enumerate(self.convolutions, start=1):
            x = torch.relu(conv(x))
            if at % 2 == 0 and min(x.shape[2:]) > 1:
                x = nn.functional.max_pool2d(x, 2)
        return self.head(x.mean((2, 3)))


def _counts(channels: Any) -> list[int]:
    whole = isinstance(channels, Sequence) and all(type(n) is int and n > 0 for n in channels)
    if not whole or not channels:
        raise ConfigError(
            f"model.settings.channels: {quoted(channels)} is no list of numbers of channels; give "
            "such as [32, 64, 64]"
        )
    return list(channels)
