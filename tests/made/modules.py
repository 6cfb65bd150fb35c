"""Families of users' modules, and small modules that do one odd thing each."""

from __future__ import annotations

import torch
from torch import nn

from layeratlas.networks.module.family import ModuleFamily

SHAPE = (3, 8, 8)
# Torch's attention does without a call of its output map, whose input no hook can see.
LAYERS = ("self_attn", None, "linear1", "linear2")
# Class, settings that leave no randomness, and the modules whose inputs are the layers.
ZOO = {
    "AlexNet": ({"dropout": 0.0}, ["features.0", "features.3", "classifier.1", "classifier.4"]),
    "VGG": ({"dropout": 0.0}, ["features.0", "features.3", "classifier.0", "classifier.3"]),
    "ResNet": (
        {},
        ["conv1", *(f"layer{i}.conv{j}" for i in (1, 2) for j in (1, 2)), "fc"],
    ),
    "ViT": (
        {"dropout": 0.0},
        ["patch", *(layer and f"encoder.layers.{i}.{layer}" for i in (0, 1) for layer in LAYERS),
         "head"],
    ),
    "Seq2Seq": (
        {},
        ["embed", *(layer and f"encoder.{layer}" for layer in LAYERS),
         "decoder.multihead_attn", None, "decoder.linear1", "decoder.linear2", "head"],
    ),
    "Mixer": (
        {},
        ["patch", *(f"blocks.{i}.{m}_mix.{j}" for i in (0, 1) for m in ("token", "channel")
                    for j in (0, 2)), "head"],
    ),
}  # fmt: skip


def family_of(name: str, reference: str | None = None, **changes) -> ModuleFamily:
    """A network of the zoo, or of another reference, for images of four classes."""
    given = {"settings": ZOO[name][0] if name in ZOO else {}, "input_shape": SHAPE, "n_outputs": 4}
    return ModuleFamily(reference=reference or f"made.zoo:{name}", **(given | changes))


class Convolutions(nn.Module):
    """One convolution of any sort, changed in place, and a shortcut around it."""

    def __init__(self, input_shape, n_outputs, dimensions=2, **options):
        super().__init__()
        conv = nn.Conv2d if dimensions == 2 else nn.Conv1d
        self.conv = conv(input_shape[0], 4, **options)
        self.head = nn.LazyLinear(n_outputs)
        self.dimensions = dimensions
        with torch.no_grad():
            self(torch.zeros(2, *input_shape))

    def forward(self, x):
        h = self.conv(x if self.dimensions == 2 else x.flatten(2))
        h += 0.3
        return self.head(h.relu_().flatten(1))


class Shared(nn.Module):
    """A map that is used twice, and one on tokens folded into the batch."""

    def __init__(self, input_shape, n_outputs):
        super().__init__()
        self.folded = nn.Linear(4, 6)
        self.twice = nn.Linear(6, 6)
        self.head = nn.Linear(6, n_outputs)

    def forward(self, x):
        tokens = self.folded(x.reshape(-1, 4)).tanh()
        h = self.twice(self.twice(tokens.view(len(x), -1, 6)).tanh())
        return self.head(h.sum(1))


class Residual(nn.Module):
    def __init__(self, input_shape, n_outputs):
        super().__init__()
        self.first, self.second = nn.Linear(*input_shape, 5), nn.Linear(5, 5)
        self.head = nn.Linear(5, n_outputs)

    def forward(self, x):
        h = torch.tanh(self.first(x))
        return self.head(h + self.second(h))


class Given(nn.Module):
    """Remembers what it was made with."""

    def __init__(self, input_shape, n_outputs, width=1):
        super().__init__()
        self.given = (input_shape, n_outputs, width)
