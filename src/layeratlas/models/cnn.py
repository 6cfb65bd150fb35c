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

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as nn

from layeratlas.backends import Backend
from layeratlas.errors import ConfigError
from layeratlas.models.autograd import AutogradEnsemble
from layeratlas.models.base import BatchNormMode
from layeratlas.models.functional import (
    Dropout,
    apart,
    batch_norm,
    leaky_relu,
    read_out,
    side_by_side,
)
from layeratlas.models.layout import ParameterLayout, ParameterTensor
from layeratlas.training.streams import generator

_KERNEL = 3


class CNN:
    """See the module docstring and `layeratlas.models.base.Family`.

    `depth` counts linear maps, the read-out included; `image_shape` is (channel, row, column).
    Raises ConfigError for images with an odd number of rows or columns, which pooling and
    up-sampling would shrink.
    """

    needs_torch = True

    def __init__(
        self,
        *,
        depth: int,
        channels: int,
        image_shape: Sequence[int],
        n_classes: int,
        batch_norm: bool,
        initialization: str = "uniform_fan_in",
    ):
        if len(image_shape) != 3 or image_shape[1] % 2 or image_shape[2] % 2:
            raise ConfigError(
                "model.family 'cnn' needs images (channel, row, column) with even numbers of rows "
                f"and columns, which it halves and doubles; got {tuple(image_shape)}"
            )
        self.depth, self.channels = depth, channels
        self.image_shape = tuple(int(n) for n in image_shape)
        self.has_batch_norm = batch_norm
        self.initialization = initialization
        self.layer_names = ("input", *(f"block_{i}" for i in range(1, depth)), "logits")
        colours, rows, columns = self.image_shape
        pixels = rows * columns
        pooled = [channels * pixels // 4] * (depth - 1)
        self.layer_sizes = (colours * pixels, *pooled, n_classes)
        # What a graph keeps of a block: images convolved, normalised, up-sampled, drawn and
        # dropped, and a quarter as much pooled, rectified and (in 8 bytes) as indices.
        self.graph_size = 2 * colours * pixels + (depth - 1) * 6 * channels * pixels

        parameters, statistics = [], []
        inputs = [colours, *[channels] * (depth - 1)]
        for layer in range(depth + 1):
            size = colours if layer == 0 else n_classes if layer == depth else channels
            if layer:
                shape = (size, inputs[layer - 1], _KERNEL, _KERNEL)
                if layer == depth:
                    shape = (size, inputs[layer - 1] * pixels)
                parameters.append(ParameterTensor(f"weight_{layer}", shape, "weight", layer))
                parameters.append(ParameterTensor(f"bias_{layer}", (size,), "bias", layer))
            if batch_norm and layer < depth:
                parameters.append(ParameterTensor(f"scale_{layer}", (size,), "scale", layer))
                parameters.append(ParameterTensor(f"shift_{layer}", (size,), "shift", layer))
                for kind in ("mean", "var"):
                    name = f"running_{kind}_{layer}"
                    statistics.append(ParameterTensor(name, (size,), "statistic", layer))
        # A net without batch norm keeps one unused row of statistics, as the MLP does.
        statistics = statistics or [ParameterTensor("none", (1,), "statistic", 0)]
        self.parameters = ParameterLayout(tuple(parameters))
        self.statistics = ParameterLayout(tuple(statistics))

    @classmethod
    def from_settings(
        cls, settings: Mapping[str, Any], image_shape: Sequence[int], n_classes: int
    ) -> CNN:
        names = ("depth", "channels", "batch_norm", "initialization")
        chosen = {name: settings[name] for name in names}
        return cls(**chosen, image_shape=image_shape, n_classes=n_classes)

    def initialize(self, seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        theta = np.zeros((len(seeds), self.parameters.width))
        fan_in = {
            t.layer: t.size // t.shape[0] for t in self.parameters.tensors if t.role == "weight"
        }
        for tensor in self.parameters.tensors:
            view = self.parameters.views(theta)[tensor.name]
            for e, seed in enumerate(seeds):
                view[e] = self._initial(tensor, fan_in.get(tensor.layer), seed)
        statistics = np.zeros((len(seeds), self.statistics.width))
        for name, view in self.statistics.views(statistics).items():
            if name.startswith("running_var"):
                view[...] = 1.0
        return theta, statistics

    def _initial(self, tensor: ParameterTensor, fan_in: int | None, seed: int):
        if tensor.role in ("scale", "shift"):
            return 1.0 if tensor.role == "scale" else 0.0
        draw = generator(seed, f"initialization/{tensor.name}")
        if self.initialization == "kaiming_normal":
            if tensor.role == "bias":
                return 0.0
            return draw.normal(0.0, math.sqrt(2.0 / fan_in), tensor.shape)
        bound = 1.0 / math.sqrt(fan_in)
        return draw.uniform(-bound, bound, tensor.shape)

    def ensemble(
        self, backend: Backend, theta, statistics, members: Mapping[str, np.ndarray], loss: str
    ) -> AutogradEnsemble:
        return AutogradEnsemble(self, cnn_forward, backend, theta, statistics, members, loss)


def cnn_forward(
    family: CNN,
    parameters: Mapping[str, Tensor],
    statistics: Mapping[str, Tensor],
    x: Tensor,
    members: Mapping[str, Tensor],
    mode: BatchNormMode,
    dropout: Dropout | None = None,
) -> tuple[list[Tensor], dict[str, Tensor]]:
    """`layeratlas.models.functional.Forward` of the CNN.

    Members are groups of a grouped convolution. Dropout factors have shape
    `(member, sample, row, column, channel)`.
    """
    count, updated = len(x), dict(statistics)
    colours, rows, columns = family.image_shape
    # Channels last halves the time of a step on a CPU: twenty channels fill its vectors badly
    # in the blocked layouts that the library would choose.
    layout = torch.channels_last if x.device.type == "cpu" else torch.contiguous_format
    h = side_by_side(x.unflatten(2, (colours, rows, columns))).contiguous(memory_format=layout)
    if family.has_batch_norm:
        h = batch_norm(h, 0, parameters, statistics, mode, updated)
    features = [apart(h, count)]
    for layer in range(1, family.depth):
        weight, bias = parameters[f"weight_{layer}"].flatten(0, 1), parameters[f"bias_{layer}"]
        weight = weight.contiguous(memory_format=layout)
        if family.has_batch_norm:
            z = nn.conv2d(h, weight, padding=1, groups=count)
            z = batch_norm(z, layer, parameters, statistics, mode, updated, bias)
        else:
            z = nn.conv2d(h, weight, bias.flatten(), padding=1, groups=count)
        # Slopes are not negative, so the activation commutes with the maximum: pooling first
        # leaves it a quarter of the work.
        a = leaky_relu(nn.max_pool2d(z, 2), members["negative_slope"])
        features.append(apart(a, count))
        h = nn.interpolate(a, scale_factor=2, mode="nearest")
        if dropout is not None:
            shape = (h.shape[0], rows, columns, family.channels)
            h = h * side_by_side(dropout(layer, shape).movedim(4, 2))
    features.append(read_out(apart(h, count), family.depth, parameters))
    return features, updated
