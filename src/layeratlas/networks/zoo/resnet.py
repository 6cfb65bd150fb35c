"""ResNet-18, 34 and 50 for small images (He, Zhang, Ren and Sun, CVPR 2016, table 1).

The stem is one 3×3 convolution of stride 1 and no pooling, as is usual for 32×32 images and as in
the released scripts of Lou et al. (ICML 2022); four stages, of which all but the first halve the
image; the mean over pixels; one dense read-out. A shortcut that changes the number of channels or
the size is a 1×1 convolution.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from layeratlas.networks.zoo.settings import image_shape, one_of, widened

#: Channels of a stage at width 1; by depth, its blocks, and whether they are bottlenecks.
CHANNELS = (64, 128, 256, 512)
BLOCKS = {
    18: ((2, 2, 2, 2), False),
    34: ((3, 4, 6, 3), False),
    50: ((3, 4, 6, 3), True),
}
#: A bottleneck gives so many times the channels that it works with.
EXPANSION = 4


class Block(nn.Module):
    """relu(f(x) + shortcut(x)): f is `conv1`, `conv2`, and `conv3` of a bottleneck.

    Convolutions of f are 3×3, 3×3, or 1×1, 3×3, 1×1; the stride is that of the first 3×3 one. Each
    is followed by `norm1`, …, and all but the last by ReLU.
    """

    def __init__(
        self, channels: int, inner: int, stride: int, *, bottleneck: bool, normalised: bool
    ):
        super().__init__()
        given = inner * (EXPANSION if bottleneck else 1)
        sizes: tuple[tuple[int, int, int, int], ...]
        if bottleneck:
            sizes = ((channels, inner, 1, 1), (inner, inner, 3, stride), (inner, given, 1, 1))
        else:
            sizes = ((channels, inner, 3, stride), (inner, given, 3, 1))
        self.maps = []
        for i, (read, made, side, step) in enumerate(sizes, 1):
            pair = _normalised(read, made, side, step, normalised)
            self.add_module(f"conv{i}", pair[0])
            self.add_module(f"norm{i}", pair[1])
            self.maps.append(pair)
        self.shortcut = nn.Sequential()
        if stride != 1 or channels != given:
            # Without a bias in either case, as the scripts have it: the last map of f has one.
            conv = nn.Conv2d(channels, given, 1, stride=stride, bias=False)
            self.shortcut.add_module("conv", conv)
            if normalised:
                self.shortcut.add_module("norm", nn.BatchNorm2d(given))

    def forward(self, x: Tensor) -> Tensor:
        h = x
        for i, (conv, norm) in enumerate(self.maps):
            h = norm(conv(h if i == 0 else torch.relu(h)))
        return torch.relu(h + self.shortcut(x))


class ResNet(nn.Module):
    """Maps `conv1`, `stage1.0.conv1`, `stage1.0.conv2`, …, `head`; shortcuts off the main path.

    depth: 18, 34 or 50; width: multiplier of all channels; batch_norm: after each convolution,
    which has a bias without it. ConfigError for other settings, or for what is no image.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        n_outputs: int,
        depth: int = 18,
        width: float = 1,
        batch_norm: bool = True,
    ):
        super().__init__()
        blocks, bottleneck = BLOCKS[one_of("depth", depth, BLOCKS)]
        normalised = one_of("batch_norm", batch_norm, (True, False))
        read, *_ = image_shape(input_shape, "ResNet", 1)
        sizes = widened(width, CHANNELS)
        self.conv1, self.norm1 = _normalised(read, sizes[0], 3, 1, normalised)
        channels = sizes[0]
        self.stages = []
        for i, (inner, count) in enumerate(zip(sizes, blocks, strict=True), 1):
            stage = nn.Sequential()
            for j in range(count):
                stride = 2 if i > 1 and j == 0 else 1
                stage.append(
                    Block(channels, inner, stride, bottleneck=bottleneck, normalised=normalised)
                )
                channels = inner * (EXPANSION if bottleneck else 1)
            self.add_module(f"stage{i}", stage)
            self.stages.append(stage)
        self.head = nn.Linear(channels, n_outputs)

    def forward(self, images: Tensor) -> Tensor:
        x = torch.relu(self.norm1(self.conv1(images)))
        for stage in self.stages:
            x = stage(x)
        return self.head(x.mean((2, 3)))


def _normalised(
    read: int, given: int, side: int, stride: int, normalised: bool
) -> tuple[nn.Module, nn.Module]:
    """A convolution that keeps the size at stride 1, and what follows it."""
    conv = nn.Conv2d(read, given, side, stride=stride, padding=side // 2, bias=not normalised)
    return conv, nn.BatchNorm2d(given) if normalised else nn.Identity()
