"""Points of a grid in the settings of an experiment."""

from __future__ import annotations

import copy

from hypothesis import given
from hypothesis import strategies as st

from layeratlas.config.axes import axes
from layeratlas.config.placing import Placement
from layeratlas.kinds import KINDS

TRAINING = KINDS["training"]
SETTINGS = {
    "dataset": {"source": "digits", "n_train": 64},
    "model": {"depth": 3, "width": 8},
    "training": {"early_stop": None},
}
VALUES = {"depth": 4, "data_noise": 0.5, "beta1": 0.1, "loss_below": 0.01, "dtype": "float64"}


@given(chosen=st.lists(st.sampled_from(sorted(VALUES)), unique=True))
def test_a_point_sets_its_paths_and_nothing_else(chosen):
    before = copy.deepcopy(SETTINGS)
    point = {axis: VALUES[axis] for axis in chosen}
    placed = Placement(TRAINING, SETTINGS, {axis: [value] for axis, value in point.items()})
    found = placed.at(point)
    assert before == SETTINGS
    twin = copy.deepcopy(SETTINGS)
    for axis, value in point.items():
        for path in axes(TRAINING)[axis].paths:
            node = twin
            for part in path[:-1]:
                if node.get(part) is None:
                    node[part] = {}
                node = node[part]
            node[path[-1]] = value
    assert found == twin
    assert placed.fixed() == SETTINGS


def test_each_family_takes_the_fixed_settings_that_it_knows():
    model = {"depth": 4, "width": 8, "branch_scale": 0.5, "channels": 3}
    grid = {"family": ["residual_mlp", "block_cnn"], "dropout": [0.0]}
    placed = Placement(TRAINING, {**SETTINGS, "model": model}, grid)
    assert placed.at({"family": "residual_mlp"})["model"] == {
        "family": "residual_mlp", "depth": 4, "width": 8, "branch_scale": 0.5,
    }  # fmt: skip
    assert placed.at({"family": "block_cnn", "dropout": 0.0})["model"] == {
        "family": "block_cnn", "depth": 4, "channels": 3, "dropout": 0.0,
    }  # fmt: skip
    assert placed.fixed()["model"]["family"] == "residual_mlp"


def test_what_no_family_of_the_grid_knows_stays_to_be_refused():
    model = {"width": 8, "channels": 3}
    placed = Placement(TRAINING, {**SETTINGS, "model": model}, {"family": ["mlp", "residual_mlp"]})
    assert placed.at({"family": "residual_mlp"})["model"] == {**model, "family": "residual_mlp"}


def test_what_another_axis_varies_stays_to_be_refused():
    grid = {"family": ["mlp", "block_cnn"], "width": [4, 8]}
    placed = Placement(TRAINING, SETTINGS, grid)
    assert placed.at({"family": "block_cnn", "width": 4})["model"]["width"] == 4


def test_unknown_families_are_left_to_be_refused():
    placed = Placement(TRAINING, SETTINGS, {"family": ["mpl", 3, ["mlp"]]})
    assert placed.fixed() == SETTINGS
    assert placed.at({"family": "mpl"})["model"] == {**SETTINGS["model"], "family": "mpl"}
    assert placed.at({"family": ["mlp"]})["model"]["family"] == ["mlp"]
