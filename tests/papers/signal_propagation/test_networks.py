"""The networks of a cube one by one."""

from __future__ import annotations

import json

import numpy as np
import pytest
from made.turned import backwards

from layeratlas.papers.signal_propagation.networks import networks, task

#: l*_mf of specification §3.1 at c0 = 0.3.
CROSSINGS = {10: 4.6, 15: 6.4, 20: 8.1, 30: 11.0}


def test_networks_come_shallow_first_with_their_shape_and_equilibrium(made_hierarchy):
    for cube in (made_hierarchy(), backwards(made_hierarchy())):
        found = networks(cube, "e")
        assert [n.layers for n in found] == [10, 15, 20, 30]
        for network in found:
            assert network.profiles.sizes == {"seed": 3, "layer": network.layers}
            assert abs(network.shape.peak - 2.1 * network.layers**0.5) <= 1.5
            assert network.mean_field == pytest.approx(CROSSINGS[network.layers], abs=0.05)
            np.testing.assert_allclose(network.empirical, network.mean_field, atol=1e-4)
            assert network.c0 == pytest.approx(0.3, abs=1e-6)
        assert found[0].subject == "MLP, L = 10, Fashion-MNIST"


def test_a_subject_tells_what_else_varies(made_cube):
    held = np.random.default_rng(0).uniform(size=(2, 3, 2, 3))
    cube = made_cube({"alignment": {(3, 0.5): held}}, {"depth": [3], "noise": [0.5]}, seeds=2)
    (network,) = networks(cube, "e")
    assert network.subject == "network, L = 3, Fashion-MNIST, noise 0.5"
    # Without correlations there is no equilibrium layer, and nothing else is missing.
    assert np.isnan(network.c0) and np.isnan(network.mean_field)
    assert np.isnan(network.empirical).tolist() == [True, True]


def test_modules_and_data_are_called_by_their_name(made_hierarchy):
    module = {"model": {"family": "module", "from": "layeratlas.networks.zoo.vgg:VGG"}}
    cube = made_hierarchy((10,), settings=module, source="cifar10_subset")
    (network,) = networks(cube, "e")
    assert (network.family, network.task) == ("VGG", "CIFAR-10")
    assert network.subject == "VGG10, L = 10, CIFAR-10"
    # Of architectures there is no recursion; their own crossing stays.
    assert np.isnan(network.mean_field) and np.isfinite(network.empirical).all()
    cube.attrs["dataset_source"] = "my_data"
    assert task(cube) == task(cube, "my_own") == "my_data"
    # What stands in for other data says so: two of one name would be taken for one another.
    assert task(cube, "alignment_fashion_mnist") == "my_data for Fashion-MNIST"
    assert task(cube, "alignment_mnist") == "my_data for MNIST"
    cube.attrs["dataset_source"] = "fashion_mnist"
    assert task(cube, "alignment_fashion_mnist") == "Fashion-MNIST"
    cube.attrs["dataset_source"] = "my_data"
    cube.attrs["settings"] = json.dumps({"model": {"family": "residual_mlp"}})
    assert networks(cube, "e")[0].family == "residual MLP"
