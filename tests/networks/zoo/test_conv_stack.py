"""A stack of convolutions: its maps, and its pass written out."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made.modules import family_of
from made.taped import EXACT, check_maps, taped
from torch import nn

from layeratlas.errors import ConfigError
from layeratlas.networks.zoo.conv_stack import ConvStack

PLACE = "layeratlas.networks.zoo.conv_stack:ConvStack"


def test_its_pass_is_that_of_the_network_written_out():
    torch.manual_seed(0)
    network = ConvStack((1, 8, 8), 10, [4, 5, 6]).double()
    plain = nn.Sequential(
        network.conv1, nn.ReLU(), network.conv2, nn.ReLU(), nn.MaxPool2d(2), network.conv3,
        nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), network.head,
    )  # fmt: skip
    x = torch.randn(3, 1, 8, 8, dtype=torch.float64)
    torch.testing.assert_close(network(x), plain(x), **EXACT)


def test_its_tape_is_autograds():
    family = family_of("", reference=PLACE, settings={"channels": [2, 3]}, input_shape=(1, 4, 4))
    assert [a.name for a in family.affines] == ["conv1", "conv2", "head"]
    rng = np.random.default_rng(2)
    x, weights = torch.as_tensor(rng.normal(size=(5, 16))), torch.as_tensor(rng.normal(size=(5, 4)))
    check_maps(family, *taped(family, x), weights)


@pytest.mark.parametrize("channels", [[], [3, 0], [2.5], "wide", 7])
def test_other_channels_are_refused(channels):
    with pytest.raises(ConfigError, match="is no list of numbers of channels"):
        ConvStack((1, 8, 8), 10, channels)
