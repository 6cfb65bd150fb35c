"""VGG: published sizes, its maps, and its pass against the network written out."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made.modules import family_of
from made.taped import EXACT, check_maps, taped
from torch import nn

from layeratlas.errors import ConfigError
from layeratlas.networks.zoo.vgg import VGG

PLACE = "layeratlas.networks.zoo.vgg:VGG"
# Of the convolutions of torchvision's networks, with a read-out of 512 to 10.
PUBLISHED = {11: 9_225_610, 13: 9_410_122, 16: 14_719_818, 19: 20_029_514}


@pytest.mark.parametrize("depth", PUBLISHED)
def test_it_has_the_published_number_of_parameters(depth):
    with torch.device("meta"):
        plain = VGG((3, 32, 32), 10, depth)
        normalised = VGG((3, 32, 32), 10, depth, batch_norm=True)
    assert sum(p.numel() for p in plain.parameters()) == PUBLISHED[depth]
    # A scale in the place of each bias, and a shift.
    given = sum(p.numel() for n, p in plain.named_parameters() if n.endswith("bias")) - 10
    assert sum(p.numel() for p in normalised.parameters()) == PUBLISHED[depth] + given


@pytest.mark.parametrize("depth", PUBLISHED)
def test_its_maps_are_its_layers_of_weights_but_two_dense_ones(depth):
    family = family_of(
        "", reference=PLACE, settings={"depth": depth, "width": 1 / 16}, input_shape=(3, 32, 32)
    )
    assert [a.name for a in family.affines] == [*(f"conv{i}" for i in range(1, depth - 2)), "head"]
    assert [a.layer for a in family.affines] == list(range(1, depth - 1))
    assert all(a.main_path and a.bias for a in family.affines)
    # Pixels of what the last convolution gives are 2×2, and one after the last pooling.
    assert family.layer_sizes[-2] == 512 // 16
    assert family.layer_sizes[0] == 3 * 32 * 32


def test_its_pass_is_that_of_the_network_written_out():
    """As its authors write it, for 32×32 images: a pooling ends each stage."""
    torch.manual_seed(0)
    network = VGG((3, 32, 32), 10, 13, 1 / 16).double()
    listed = [4, 4, "M", 8, 8, "M", 16, 16, "M", 32, 32, "M", 32, 32, "M"]
    written: list[nn.Module] = []
    convs = iter(m for m in network.modules() if isinstance(m, nn.Conv2d))
    for channels in listed:
        if channels == "M":
            written.append(nn.MaxPool2d(2, 2))
        else:
            conv = next(convs)
            assert conv.out_channels == channels
            written += [conv, nn.ReLU()]
    plain = nn.Sequential(*written, nn.AvgPool2d(1, 1), nn.Flatten(), network.head)
    x = torch.randn(3, 3, 32, 32, dtype=torch.float64)
    torch.testing.assert_close(network(x), plain(x), **EXACT)


@pytest.mark.parametrize("side", [1, 8, 28, 40])
def test_other_images_than_of_32_pixels_have_fewer_poolings_or_are_averaged(side):
    network = VGG((1, side, side), 4, 11, 1 / 16)
    assert network(torch.zeros(2, 1, side, side)).shape == (2, 4)


@pytest.mark.parametrize("mode", ["running_statistics", "batch_statistics"])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_its_tape_is_autograds(mode, batch_norm):
    family = family_of(
        "",
        reference=PLACE,
        settings={"width": 1 / 16, "batch_norm": batch_norm},
        input_shape=(1, 8, 8),
    )
    assert family.has_batch_norm == batch_norm
    assert [a.kind for a in family.affines].count("scale") == 8 * batch_norm
    rng = np.random.default_rng(2)
    x, weights = torch.as_tensor(rng.normal(size=(5, 64))), torch.as_tensor(rng.normal(size=(5, 4)))
    check_maps(family, *taped(family, x, mode), weights)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"depth": 12}, r"model\.settings\.depth: 12 is none; known: 11, 13, 16, 19"),
        ({"width": 0.1}, r"model\.settings\.width: 0\.1 gives no whole number of channels"),
        ({"batch_norm": "no"}, r"model\.settings\.batch_norm: 'no' is none; known: True, False"),
        ({"dept": 11}, "takes no dept; it takes: .*depth"),
    ],
)
def test_wrong_settings_are_refused_in_a_sentence(settings, said):
    with pytest.raises(ConfigError, match=said) as refusal:
        family_of("", reference=PLACE, settings=settings, input_shape=(3, 32, 32))
    assert len(str(refusal.value)) <= 380


def test_rows_of_numbers_are_no_images():
    with pytest.raises(ConfigError, match=r"VGG reads images .*shape \(64,\)"):
        family_of("", reference=PLACE, settings={}, input_shape=(64,))


def test_dense_maps_may_stand_before_the_read_out():
    """As in the published networks: 512 → 4096 → 4096 → outputs, ReLU and dropout after each."""
    with torch.device("meta"):
        network = VGG((3, 32, 32), 10, 11, hidden=[4096, 4096])
    dense = 512 * 4096 + 4096 + 4096 * 4096 + 4096 + 4096 * 10 + 10
    own = PUBLISHED[11] - (512 * 10 + 10) + dense
    assert sum(p.numel() for p in network.parameters()) == own
    torch.manual_seed(0)
    small = VGG((3, 32, 32), 10, 11, 1 / 16, hidden=[6, 5], dropout=0.5).double().eval()
    x = torch.randn(2, 3, 32, 32, dtype=torch.float64)
    plain = VGG((3, 32, 32), 10, 11, 1 / 16).double()
    plain.load_state_dict(
        {k: v for k, v in small.state_dict().items() if k.startswith("conv")}
        | {"head.weight": torch.zeros(10, 32), "head.bias": torch.zeros(10)}
    )
    read = []
    plain.head.register_forward_hook(lambda module, given, y: read.append(given[0]))
    plain(x)
    h = torch.relu(small.dense2(torch.relu(small.dense1(read[0]))))
    torch.testing.assert_close(small(x), small.head(h), **EXACT)
    small.train()
    assert not torch.allclose(small(x), small(x))


def test_the_released_reset_has_the_code_s_laws():
    torch.manual_seed(0)
    network = VGG((3, 32, 32), 10, 11, 0.5, hidden=[256], reset="released")
    conv, dense = network.conv4.weight.detach(), network.dense1.weight.detach()
    assert float(conv.std()) == pytest.approx((2 / (9 * conv.shape[0])) ** 0.5, rel=0.02)
    assert float(dense.std()) == pytest.approx(0.01, rel=0.02)
    assert all((p == 0).all() for n, p in network.named_parameters() if n.endswith("bias"))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"hidden": [0]}, "hidden: \\[0\\] is no list of numbers of units"),
        ({"hidden": 64}, "hidden: 64 is no list of numbers of units"),
        ({"hidden": [4], "dropout": 1}, "dropout: 1 is no rate"),
        ({"reset": "kaiming"}, "reset: 'kaiming' is none; known: torch, released"),
    ],
)
def test_wrong_heads_are_refused(settings, said):
    with pytest.raises(ConfigError, match=said):
        VGG((3, 32, 32), 10, 11, 1 / 16, **settings)
