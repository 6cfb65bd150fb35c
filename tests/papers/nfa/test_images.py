"""Which sets are there, and numbers of their hidden layers."""

from __future__ import annotations

import numpy as np
import xarray as xr
from made.image_cubes import EPOCHS, image_cube, image_cubes

from layeratlas.papers.nfa import images


def test_sets_that_are_there_come_in_the_paper_s_order_and_others_are_named():
    cubes = image_cubes()
    assert list(images.present(cubes)) == ["CIFAR-10", "GTSRB", "MNIST", "digits"]
    assert images.missing(cubes) == ["CIFAR-100", "SVHN", "STL-10"]


def test_layers_count_from_1():
    found = images.layered(image_cube(), "uc_nfc")
    assert found.dims == ("seed", "epoch", "layer") and list(found["layer"].values) == [
        1,
        2,
        3,
        4,
        5,
    ]
    np.testing.assert_allclose(
        found.sel(seed=2, epoch=3, layer=4), 0.7 - 0.2 + 0.02 - 0.03, rtol=1e-6
    )
    assert list(found["epoch"].values) == list(EPOCHS)


def test_accuracy_is_told_in_percent():
    assert images.accuracy_told(image_cube()) == "80.0 ± 0.0 %"
    assert images.accuracy_told(image_cube(seeds=1)) == "80.0 %"


def test_scales_of_initial_weights_are_told_where_there_are_several():
    first, second = image_cube(), image_cube(c_nfc=lambda e, k, s: np.nan if e == 0 else 0.8)
    gains = [
        one["/affine"].to_dataset(inherit=False).assign_coords(init_gain=[gain])
        for one, gain in ((first, 1.0), (second, 2.0))
    ]
    cube = xr.DataTree.from_dict(
        {"/": first.ds.drop_dims("init_gain"), "/affine": xr.concat(gains, "init_gain")}
    )
    # UC-NFC at epoch 14, mean over layers 1 to 5 and seeds 1 to 3, is 0.7 - 0.15 + 0.02 - 0.14.
    assert images.scales_told(cube) == f"gain 1: {0.924 - 0.43:.2f}, gain 2: {0.8 - 0.43:.2f}"
    assert images.scales_told(first) == ""
