"""Convolutional networks of identical blocks, as ensembles (spring–block paper, §2.7).

    h_0 = BN(x)                                             feature 0: channel × row × column
    a_l = MaxPool₂(LeakyReLU_α(BN(W_l ∗ h_{l-1} + b_l)))    feature l: c × row/2 × column/2
    h_l = Dropout_p(Upsample₂(a_l))                         l = 1 … depth-1
    logits = W_L · flatten(h_{L-1}) + b_L                   feature L = depth

∗ is a 3×3 convolution with one pixel of padding, pooling takes 2×2 pixels, up-sampling repeats
them (nearest), so every block sees an image of the same size. Images arrive flattened,
`(member, sample, channel·row·column)`. The gradient is autograd's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as nn

from layeratlas.backends import Backend
from layeratlas.errors import ConfigError
from layeratlas.losses.base import Loss
from layeratlas.networks.activations.registry import ACTIVATIONS
from layeratlas.networks.affine import AffineKind, stacked
from layeratlas.networks.autograd import AutogradEnsemble
from layeratlas.networks.base import BatchNormMode
from layeratlas.networks.functional import (
    Dropout,
    activate,
    apart,
    batch_norm,
    pixels,
    read_out,
    side_by_side,
)
from layeratlas.networks.initialization.laws import Laws
from layeratlas.networks.stack import biases, initial_values, layouts, options
from layeratlas.networks.tape import Tape

_KERNEL = 3


class BlockCNN:
    """See the module docstring and `layeratlas.networks.base.Family`.

    `depth` counts linear maps, the read-out included; `image_shape` is (channel, row, column).
    Raises ConfigError for images with an odd number of rows or columns, which pooling and
    up-sampling would shrink.
    """

    def __init__(
        self,
        *,
        depth: int,
        channels: int,
        image_shape: Sequence[int],
        n_classes: int,
        batch_norm: bool,
        initialization: str | Laws = "uniform_fan_in",
        activation: str = "leaky_relu",
        biased: tuple[bool, bool] = (True, True),
    ):
        if len(image_shape) != 3 or image_shape[1] % 2 or image_shape[2] % 2:
            raise ConfigError(
                "model.family 'block_cnn' needs images (channel, row, column) with even numbers of "
                f"rows and columns, which it halves and doubles; got {tuple(image_shape)}"
            )
        self.depth, self.channels = depth, channels
        self.image_shape = tuple(int(n) for n in image_shape)
        self.has_batch_norm = batch_norm
        self.initialization, self.activation = initialization, activation
        self.layer_names = ("input", *(f"block_{i}" for i in range(1, depth)), "logits")
        colours, rows, columns = self.image_shape
        pixels = rows * columns
        pooled = [channels * pixels // 4] * (depth - 1)
        self.layer_sizes = (colours * pixels, *pooled, n_classes)
        # What a graph keeps of a block: images convolved, normalised, up-sampled, drawn and
        # dropped, and a quarter as much pooled, rectified and (in 8 bytes) as indices.
        self.graph_size = 2 * colours * pixels + (depth - 1) * 6 * channels * pixels

        widths = [colours, *[channels] * (depth - 1)]
        weights: list[tuple[int, ...]] = [
            (channels, fan_in, _KERNEL, _KERNEL) for fan_in in widths[:-1]
        ]
        weights.append((n_classes, widths[-1] * pixels))
        self.parameters, self.statistics = layouts(weights, widths if batch_norm else (), biased)
        convolution: AffineKind = "conv"
        kinds: list[AffineKind] = [*[convolution] * (depth - 1), "dense"]
        self.affines = stacked(kinds, len(widths) if batch_norm else 0, biases(biased, depth))

    @classmethod
    def from_settings(
        cls, settings: Mapping[str, Any], image_shape: Sequence[int], n_classes: int
    ) -> BlockCNN:
        names = ("depth", "channels", "batch_norm")
        chosen = {name: settings[name] for name in names}
        return cls(**chosen, **options(settings), image_shape=image_shape, n_classes=n_classes)

    def initialize(self, seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        return initial_values(self.parameters, self.statistics, seeds, self.initialization)

    def ensemble(
        self,
        backend: Backend,
        theta,
        statistics,
        members: Mapping[str, np.ndarray],
        loss: Loss | None,
    ) -> AutogradEnsemble:
        return AutogradEnsemble(self, block_cnn_forward, backend, theta, statistics, members, loss)


def block_cnn_forward(
    family: BlockCNN,
    parameters: Mapping[str, Tensor],
    statistics: Mapping[str, Tensor],
    x: Tensor,
    members: Mapping[str, Tensor],
    mode: BatchNormMode,
    dropout: Dropout | None = None,
    tape: Tape | None = None,
) -> tuple[list[Tensor], dict[str, Tensor]]:
    """`layeratlas.networks.functional.Forward` of the BlockCNN.

    Members are groups of a grouped convolution. Dropout factors have shape
    `(member, sample, row, column, channel)`.
    """
    count, updated = len(x), dict(statistics)
    colours, rows, columns = family.image_shape
    # Channels last halves the time of a step on a CPU: twenty channels fill its vectors badly
    # in the blocked layouts that the library would choose.
    layout = torch.channels_last if x.device.type == "cpu" else torch.contiguous_format

    def images(feature: Tensor, *shape: int) -> Tensor:
        # What follows a feature reads the feature itself: gradients with respect to it are whole.
        return side_by_side(feature.unflatten(2, shape)).contiguous(memory_format=layout)

    def patches(h: Tensor) -> Tensor:
        """Rows `(member, sample, pixel, channel·3·3)` of what a convolution reads."""
        found = nn.unfold(h, _KERNEL, padding=1)
        return found.unflatten(1, (count, -1)).permute(1, 0, 3, 2)

    def rows_of(z: Tensor) -> Tensor:
        return pixels(z, count)

    h = images(x, colours, rows, columns)
    features = [x]
    if family.has_batch_norm:
        h = batch_norm(h, 0, parameters, statistics, mode, updated, tape=tape)
        features = [apart(h, count)]
        h = images(features[0], colours, rows, columns)
    for layer in range(1, family.depth):
        weight, bias = parameters[f"weight_{layer}"].flatten(0, 1), parameters.get(f"bias_{layer}")
        weight = weight.contiguous(memory_format=layout)
        if family.has_batch_norm:
            z = nn.conv2d(h, weight, padding=1, groups=count)
            if tape is not None:
                tape.note(f"layer_{layer}", h, z, patches, rows_of, bias)
            z = batch_norm(z, layer, parameters, statistics, mode, updated, bias, tape)
        else:
            shift = None if bias is None else bias.flatten()
            z = nn.conv2d(h, weight, shift, padding=1, groups=count)
            if tape is not None:
                tape.note(f"layer_{layer}", h, z, patches, rows_of)
        if ACTIVATIONS[family.activation].rises:
            # What never falls commutes with the maximum: pooling first leaves it a quarter of the
            # work.
            a = activate(family.activation, nn.max_pool2d(z, 2), members)
        else:
            a = nn.max_pool2d(activate(family.activation, z, members), 2)
        features.append(apart(a, count))
        a = images(features[-1], family.channels, rows // 2, columns // 2)
        h = nn.interpolate(a, scale_factor=2, mode="nearest")
        if dropout is not None:
            shape = (h.shape[0], rows, columns, family.channels)
            h = h * side_by_side(dropout(layer, shape).movedim(4, 2))
    features.append(read_out(apart(h, count), family.depth, parameters, tape))
    return features, updated
