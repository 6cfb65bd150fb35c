"""The small convolutional network: sizes, maps, and its pass against one written out."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made.modules import family_of
from made.taped import EXACT, check_maps, taped
from torch import nn

from layeratlas.errors import ConfigError
from layeratlas.networks.zoo.small_cnn import SmallCNN

PLACE = "layeratlas.networks.zoo.small_cnn:SmallCNN"


def test_it_has_the_sizes_of_the_scripts():
    network = SmallCNN((1, 28, 28), 10)
    shapes = [tuple(m.weight.shape) for m in network.modules() if hasattr(m, "weight")]
    assert shapes == [
        (32, 1, 3, 3), (32,), (64, 32, 3, 3), (64,), (600, 2304), (120, 600), (10, 120),
    ]  # fmt: skip


def test_its_pass_is_that_of_the_network_written_out():
    torch.manual_seed(0)
    n = SmallCNN((1, 28, 28), 10, 0.25).double().eval()
    n.norm1.running_mean.uniform_(0.5, 1.0)
    n.norm2.running_var.uniform_(0.5, 1.0)
    plain = nn.Sequential(
        n.conv1, n.norm1, nn.ReLU(), nn.MaxPool2d(2), n.conv2, n.norm2, nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), n.dense1, nn.ReLU(), n.dense2, nn.ReLU(), n.head,
    )  # fmt: skip
    x = torch.randn(3, 1, 28, 28, dtype=torch.float64)
    torch.testing.assert_close(n(x), plain(x), **EXACT)


@pytest.mark.parametrize("mode", ["running_statistics", "batch_statistics"])
def test_its_tape_is_autograds(mode):
    family = family_of("", reference=PLACE, settings={"width": 1 / 8}, input_shape=(1, 8, 10))
    names = ["conv1", "conv2", "dense1", "dense2", "head", "norm1", "norm2"]
    assert [a.name for a in family.affines] == names
    assert [a.kind for a in family.affines] == [*["conv"] * 2, *["dense"] * 3, *["scale"] * 2]
    rng = np.random.default_rng(2)
    x, weights = torch.as_tensor(rng.normal(size=(5, 80))), torch.as_tensor(rng.normal(size=(5, 4)))
    check_maps(family, *taped(family, x, mode), weights)


def test_wrong_settings_are_refused():
    with pytest.raises(ConfigError, match=r"gives no whole number of channels; .* multiple of 1/8"):
        family_of("", reference=PLACE, settings={"width": 0.1}, input_shape=(1, 28, 28))
    with pytest.raises(ConfigError, match=r"SmallCNN reads images .* at least 8×8 pixels"):
        family_of("", reference=PLACE, settings={}, input_shape=(1, 7, 28))
