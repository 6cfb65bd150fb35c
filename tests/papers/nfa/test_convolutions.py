"""Convolutional networks that there are, and numbers of their layers."""

from __future__ import annotations

import numpy as np
from made.image_cubes import convolution_cube

from layeratlas.papers.nfa import convolutions


def test_networks_are_named_by_what_they_are_of():
    cubes = {"nfa_cnn_digits": 1, "nfa_vgg_cifar10": 2, "nfa_mlp_digits": 3}
    assert convolutions.present(cubes) == {
        "VGG-11, CIFAR-10": 2, "three convolutions, digits": 1
    }  # fmt: skip


def test_layers_count_from_1():
    found = convolutions.layered(convolution_cube(), "uc_nfc")
    assert found.dims == ("seed", "epoch", "layer") and list(found["layer"].values[:2]) == [1, 2]
    np.testing.assert_allclose(found.sel(seed=1, epoch=0, layer=8), 0.7 - 0.4 + 0.01, rtol=1e-6)
