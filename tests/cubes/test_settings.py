"""Which settings of a cube depart from those of a published experiment.

The CNN's figures ask this of every setting; here is what concerns the axes.
"""

from __future__ import annotations

import json

import pytest
import xarray as xr

from layeratlas.cubes.grid import FOLLOWS, VARIES
from layeratlas.cubes.settings import Published, departures, settings
from layeratlas.papers.spring_block.published import CNN_CIFAR10

DATASET = {**CNN_CIFAR10.settings["dataset"]}
GIVEN = {**CNN_CIFAR10.settings, "dataset": DATASET}


def cube(settings_=GIVEN, *, marked: bool = True, seeds: int = 10, **axes) -> xr.DataTree:
    """A cube of these settings; axes are name → (setting, values)."""
    coordinates = {
        name: (name, values, {VARIES: path} if marked else {})
        for name, (path, values) in axes.items()
    }
    shape = [len(values) for _, values in axes.values()]
    status = xr.DataArray(0, dims=(), name="status").expand_dims(
        dict(zip((*axes, "seed"), (*shape, seeds), strict=True))
    )
    attributes = {"settings": json.dumps(settings_), "dataset": json.dumps(settings_["dataset"])}
    root = xr.Dataset({"status": status}, coords=coordinates, attrs=attributes)
    return xr.DataTree(root)


RATES = ("model.dropout", list(CNN_CIFAR10.grid["dropout"]))


@pytest.mark.parametrize("marked", [True, False], ids=["marked", "of an earlier version"])
def test_an_axis_stands_in_for_the_setting_it_varies(marked):
    varied = {**GIVEN, "model": {**GIVEN["model"], "dropout": 0.5}}
    assert departures(cube(varied, marked=marked, dropout=RATES), CNN_CIFAR10) == []
    assert departures(cube(varied, marked=marked), CNN_CIFAR10) == ["model.dropout", "dropout"]


def test_what_follows_an_axis_departs():
    tree = cube(dropout=RATES)
    rates = (
        "dropout",
        [0.1] * len(RATES[1]),
        {VARIES: "training.learning_rate", FOLLOWS: "dropout"},
    )
    tree = xr.DataTree(tree.to_dataset().assign_coords(learning_rate=rates))
    assert departures(tree, CNN_CIFAR10) == ["training.learning_rate"]


def test_any_setting_may_be_an_axis():
    """The cube says which one; no table need know its name."""
    published = Published(
        "x", CNN_CIFAR10.settings, {**CNN_CIFAR10.grid, "loudness": (0.8, 0.9)}, 10
    )
    given = {**GIVEN, "training": {**GIVEN["training"], "batch_size": 7}}
    axes = {"dropout": RATES, "loudness": ("training.batch_size", [0.9, 0.8])}
    assert departures(cube(given, **axes), published) == []
    assert departures(cube(given, dropout=RATES), published) == [
        "training.batch_size",
        "loudness",
    ]
    assert departures(cube(**axes), CNN_CIFAR10) == ["loudness"]


def test_fewer_seeds_depart_and_more_do_not():
    assert departures(cube(seeds=9, dropout=RATES), CNN_CIFAR10) == ["seeds"]
    assert departures(cube(seeds=11, dropout=RATES), CNN_CIFAR10) == []


def test_defaults_are_filled_in_and_nonsense_is_nothing():
    assert settings(cube())["model.channels"] == 20
    assert "seed" not in settings(cube())
    assert settings(cube({"dataset": {"source": 3}})) == {}


def test_a_cube_of_before_a_family_had_its_name_is_the_same_experiment():
    before = {**GIVEN, "model": {**GIVEN["model"], "family": "cnn"}}
    assert departures(cube(before, dropout=RATES), CNN_CIFAR10) == []
    assert settings(cube(before)) == settings(cube())
