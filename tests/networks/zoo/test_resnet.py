"""ResNet: published sizes, its main path and shortcuts, its pass against one written out."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made.modules import family_of
from made.taped import EXACT, check_maps, taped
from torch.nn.functional import batch_norm, conv2d, linear, relu

from layeratlas.errors import ConfigError
from layeratlas.networks.zoo.resnet import ResNet

PLACE = "layeratlas.networks.zoo.resnet:ResNet"
# Those of torchvision's, with the stem of small images and ten outputs.
PUBLISHED = {18: 11_173_962, 34: 21_282_122, 50: 23_520_842}


@pytest.mark.parametrize("depth", PUBLISHED)
def test_it_has_the_published_number_of_parameters(depth):
    with torch.device("meta"):
        network = ResNet((3, 32, 32), 10, depth)
    assert sum(p.numel() for p in network.parameters()) == PUBLISHED[depth]


@pytest.mark.parametrize(("depth", "shortcuts"), [(18, 3), (34, 3), (50, 4)])
def test_its_main_path_is_as_deep_as_its_name_says(depth, shortcuts):
    family = family_of(
        "", reference=PLACE, settings={"depth": depth, "width": 1 / 64}, input_shape=(3, 8, 8)
    )
    maps = [a for a in family.affines if a.kind != "scale"]
    main = [a for a in maps if a.main_path]
    assert [a.layer for a in main] == list(range(1, depth + 1))
    assert (main[0].name, main[1].name, main[-1].name) == ("conv1", "stage1.0.conv1", "head")
    aside = [a.name for a in maps if not a.main_path]
    assert len(aside) == shortcuts
    assert all(name.endswith(".0.shortcut.conv") for name in aside)
    scales = [a for a in family.affines if a.kind == "scale"]
    assert len(scales) == len(maps) - 1


@pytest.mark.parametrize("normalised", [True, False])
@pytest.mark.parametrize("depth", [18, 50])
def test_its_pass_is_that_of_the_network_written_out(depth, normalised):
    torch.manual_seed(1)
    network = ResNet((3, 16, 16), 5, depth, 1 / 32, normalised).double().eval()
    named = dict(network.named_parameters()) | dict(network.named_buffers())
    for name, value in named.items():
        # No two of them alike: initial statistics and affine pairs would hide a missing norm.
        if "norm" in name and value.is_floating_point():
            value.data.uniform_(0.5, 2.0)

    def mapped(x, place, stride=1, norm=None):
        weight = named[f"{place}.weight"]
        pads = weight.shape[-1] // 2
        h = conv2d(x, weight, named.get(f"{place}.bias"), stride, pads)
        if normalised:
            running, affine = ("running_mean", "running_var"), ("weight", "bias")
            h = batch_norm(h, *(named[f"{norm}.{k}"] for k in (*running, *affine)))
        return h

    x = torch.randn(3, 3, 16, 16, dtype=torch.float64)
    h = relu(mapped(x, "conv1", norm="norm1"))
    strided, last = (2, 3) if depth == 50 else (1, 2)
    for stage, blocks in enumerate((3, 4, 6, 3) if depth == 50 else (2, 2, 2, 2), 1):
        for block in range(blocks):
            at = f"stage{stage}.{block}"
            stride = 2 if stage > 1 and block == 0 else 1
            inner = h
            for i in range(1, last + 1):
                step = stride if i == strided else 1
                inner = mapped(inner, f"{at}.conv{i}", step, f"{at}.norm{i}")
                inner = relu(inner) if i < last else inner
            aside = f"{at}.shortcut.conv"
            if f"{aside}.weight" in named:
                h = mapped(h, aside, stride, f"{at}.shortcut.norm")
            h = relu(inner + h)
    assert h.shape[2:] == (2, 2)
    expected = linear(h.mean((2, 3)), named["head.weight"], named["head.bias"])
    torch.testing.assert_close(network(x), expected, **EXACT)


@pytest.mark.parametrize("mode", ["running_statistics", "batch_statistics"])
@pytest.mark.parametrize("depth", [18, 50])
def test_its_tape_is_autograds(depth, mode):
    family = family_of(
        "", reference=PLACE, settings={"depth": depth, "width": 1 / 32}, input_shape=(1, 8, 8)
    )
    rng = np.random.default_rng(2)
    x, weights = torch.as_tensor(rng.normal(size=(5, 64))), torch.as_tensor(rng.normal(size=(5, 4)))
    check_maps(family, *taped(family, x, mode), weights)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"depth": 101}, r"model\.settings\.depth: 101 is none; known: 18, 34, 50"),
        ({"width": 0.01}, r"model\.settings\.width: .* a multiple of 1/64 up to 16"),
    ],
)
def test_wrong_settings_are_refused(settings, said):
    with pytest.raises(ConfigError, match=said):
        family_of("", reference=PLACE, settings=settings)
