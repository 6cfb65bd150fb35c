"""A module of one's own: patches by a convolution, mixed among themselves, read out."""

import torch
from torch import nn


class Patches(nn.Module):
    def __init__(self, input_shape, n_outputs, width=16):
        super().__init__()
        self.patches = nn.Conv2d(input_shape[0], width, 4, stride=4)
        self.mix = nn.Linear(width, width)
        self.head = nn.Linear(width, n_outputs)

    def forward(self, images):
        tokens = torch.relu(self.patches(images)).flatten(2).transpose(1, 2)
        tokens = tokens + torch.relu(self.mix(tokens))
        return self.head(tokens.mean(1))
