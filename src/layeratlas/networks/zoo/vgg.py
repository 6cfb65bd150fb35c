"""VGG-11, 13, 16 and 19 for small images (Simonyan and Zisserman, ICLR 2015, table 1).

3×3 convolutions with a margin of one pixel, ReLU after each, 2×2 max-pooling between five stages,
one dense read-out: 11 to 19 layers of weights become 9 to 17, as in the released scripts of Lou et
al. (ICML 2022). What 32×32 images leave of an image, one pixel, is read out as it is. With `hidden`
there are dense maps before the read-out, as in the published networks, each with ReLU and dropout.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from layeratlas.errors import ConfigError
from layeratlas.networks.zoo.settings import image_shape, one_of, widened
from layeratlas.words import quoted

#: Channels of a stage at width 1, and its convolutions, by depth.
CHANNELS = (64, 128, 256, 512, 512)
CONVOLUTIONS = {
    11: (1, 1, 2, 2, 2),
    13: (2, 2, 2, 2, 2),
    16: (2, 2, 3, 3, 3),
    19: (2, 2, 4, 4, 4),
}


class VGG(nn.Module):
    """Maps `conv1`, `conv2`, …, `dense1`, …, `head`, of images `(sample, channel, row, column)`.

    depth: 11, 13, 16 or 19; width: multiplier of all channels; batch_norm: between each convolution
    and its ReLU, named `norm1`, …; convolutions have no bias then; hidden: units of dense maps
    before the read-out, and dropout: the rate after each; reset: torch's own, or `released`, that
    of the alignment paper's released code: convolutions N(0, 2/fan_out), dense maps N(0, 0.01²),
    biases 0. A pooling that would leave no
    pixel is left out (images of less than 32 pixels), and pixels that are left over are averaged
    (of more than 32). ConfigError for other settings, or for what is no image.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        n_outputs: int,
        depth: int = 11,
        width: float = 1,
        batch_norm: bool = False,
        hidden: Sequence[int] = (),
        dropout: float = 0.5,
        reset: str = "torch",
    ):
        super().__init__()
        convolutions = CONVOLUTIONS[one_of("depth", depth, CONVOLUTIONS)]
        normalised = one_of("batch_norm", batch_norm, (True, False))
        channels, *_ = image_shape(input_shape, "VGG", 1)
        self.stages: list[list[tuple[nn.Module, nn.Module]]] = []
        count = 0
        for given, convs in zip(widened(width, CHANNELS), convolutions, strict=True):
            stage: list[tuple[nn.Module, nn.Module]] = []
            for _ in range(convs):
                count += 1
                conv = nn.Conv2d(channels, given, 3, padding=1, bias=not normalised)
                norm = nn.BatchNorm2d(given) if normalised else nn.Identity()
                self.add_module(f"conv{count}", conv)
                self.add_module(f"norm{count}", norm)
                stage.append((conv, norm))
                channels = given
            self.stages.append(stage)
        self.dense: list[tuple[nn.Module, nn.Module]] = []
        for at, units in enumerate(_units(hidden), start=1):
            linear, dropped = nn.Linear(channels, units), nn.Dropout(_rate(dropout))
            self.add_module(f"dense{at}", linear)
            self.add_module(f"dropout{at}", dropped)
            self.dense.append((linear, dropped))
            channels = units
        self.head = nn.Linear(channels, n_outputs)
        if one_of("reset", reset, ("torch", "released")) == "released":
            self.apply(_reset)

    def forward(self, images: Tensor) -> Tensor:
        x = images
        for stage in self.stages:
            for conv, norm in stage:
                x = torch.relu(norm(conv(x)))
            if min(x.shape[2:]) > 1:
                x = nn.functional.max_pool2d(x, 2)
        x = x.mean((2, 3))
        for linear, dropped in self.dense:
            x = dropped(torch.relu(linear(x)))
        return self.head(x)


def _reset(part: nn.Module) -> None:
    """The law of the alignment paper's released code."""
    if isinstance(part, nn.Conv2d):
        nn.init.kaiming_normal_(part.weight, mode="fan_out", nonlinearity="relu")
    elif isinstance(part, nn.Linear):
        nn.init.normal_(part.weight, std=0.01)
    if isinstance(part, nn.Conv2d | nn.Linear) and part.bias is not None:
        nn.init.zeros_(part.bias)


def _units(hidden: Any) -> list[int]:
    if not isinstance(hidden, Sequence) or not all(type(n) is int and n > 0 for n in hidden):
        raise ConfigError(
            f"model.settings.hidden: {quoted(hidden)} is no list of numbers of units; give such as "
            "[4096, 4096], or [] for none"
        )
    return list(hidden)


def _rate(dropout: Any) -> float:
    if isinstance(dropout, bool) or not isinstance(dropout, int | float) or not 0 <= dropout < 1:
        raise ConfigError(
            f"model.settings.dropout: {quoted(dropout)} is no rate; give a number from 0 to below 1"
        )
    return float(dropout)
