"""VGG-11, 13, 16 and 19 for small images (Simonyan and Zisserman, ICLR 2015, table 1).

3×3 convolutions with a margin of one pixel, ReLU after each, 2×2 max-pooling between five stages,
one dense read-out: 11 to 19 layers of weights become 9 to 17, as in the released scripts of Lou et
al. (ICML 2022). What 32×32 images leave of an image, one pixel, is read out as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from layeratlas.networks.zoo.settings import image_shape, one_of, widened

#: Channels of a stage at width 1, and its convolutions, by depth.
CHANNELS = (64, 128, 256, 512, 512)
CONVOLUTIONS = {
    11: (1, 1, 2, 2, 2),
    13: (2, 2, 2, 2, 2),
    16: (2, 2, 3, 3, 3),
    19: (2, 2, 4, 4, 4),
}


class VGG(nn.Module):
    """Maps `conv1`, `conv2`, …, `head`, of images `(sample, channel, row, column)`.

    depth: 11, 13, 16 or 19; width: multiplier of all channels; batch_norm: between each convolution
    and its ReLU, named `norm1`, …; convolutions have no bias then. A pooling that would leave no
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
        self.head = nn.Linear(channels, n_outputs)

    def forward(self, images: Tensor) -> Tensor:
        x = images
        for stage in self.stages:
            for conv, norm in stage:
                x = torch.relu(norm(conv(x)))
            if min(x.shape[2:]) > 1:
                x = nn.functional.max_pool2d(x, 2)
        return self.head(x.mean((2, 3)))
