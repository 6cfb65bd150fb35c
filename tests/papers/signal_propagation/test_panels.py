"""Which networks are drawn."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.papers.signal_propagation import panels


def test_two_depths_of_perceptrons_and_the_deepest_of_others(made_cubes, made_hierarchy):
    cubes = made_cubes(alignment_vgg=None, alignment_resnet=None)
    module = {"model": {"family": "module", "from": "layeratlas.networks.zoo.vgg:VGG"}}
    cubes["alignment_vgg"] = made_hierarchy((9, 17), settings=module, source="cifar10_subset")
    assert panels.given(cubes) == ["alignment_fashion_mnist", "alignment_mnist", "alignment_vgg"]
    assert [panel.title for panel in panels.shown(cubes)] == [
        "MLP, L = 10, Fashion-MNIST", "MLP, L = 20, Fashion-MNIST", "MLP, L = 10, MNIST",
        "MLP, L = 20, MNIST", "VGG17, L = 17, CIFAR-10",
    ]  # fmt: skip
    small = {"alignment_mnist": made_hierarchy((6, 10))}
    assert [panel.point["depth"] for panel in panels.shown(small)] == [6, 10]


def test_the_mark_is_shown_or_the_end_where_no_run_came_there(made_hierarchy):
    labels = ("init", "final", "mark_0.1")
    reached = np.ones((1, 3, 3))
    cube = made_hierarchy((10,), labels=labels, reached=reached)
    (panel,) = panels.shown({"alignment_mnist": cube})
    assert panels.records(cube) == ["init", "mark_0.1", "final"]
    assert panels.main_record(cube, panel) == "mark_0.1"
    reached[..., 2] = 0
    cube = made_hierarchy((10,), labels=labels, reached=reached)
    assert panels.main_record(cube, panel) == "final"
    assert panels.records(made_hierarchy((10,))) == ["init", "mark_0.1"]
    found = panels.Reading({"alignment_mnist": cube}).network(
        panel, "alignment_null", "test", "final"
    )
    assert found.layers == 10 and float(found.profiles.max()) == pytest.approx(0.02)


def test_the_bound_of_the_read_out():
    assert abs(panels.BOUND - 0.1054) < 5e-5
