"""Patches of convolutions against the convolution itself, and kinds of maps."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from layeratlas.networks.module.maps import kind_of, patches_of


@pytest.mark.parametrize("padding", [0, (1, 2), "same"])
def test_a_convolution_is_its_patches_times_its_kernel(padding):
    conv = nn.Conv2d(2, 3, (2, 3), padding=padding, bias=False, dtype=torch.float64)
    x = torch.randn(4, 2, 5, 6, dtype=torch.float64)
    product = conv.weight.flatten(1) @ patches_of(conv, x)
    torch.testing.assert_close(product, conv(x).flatten(2), rtol=1e-12, atol=1e-12)


def test_a_kind_is_told_by_the_axes_that_a_map_reads():
    linear = nn.Linear(2, 3)
    assert kind_of(linear, 2) == "dense"
    assert kind_of(linear, 3) == "token"
    assert kind_of(None, 3) == "token"
    assert kind_of(nn.Embedding(3, 2), 2) == "token"
    assert kind_of(nn.Conv1d(1, 1, 1), 3) == "conv"
