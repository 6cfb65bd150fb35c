"""The runs of a cube stand where their ids say: told again from settings and coordinates."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from made.documents import as_yaml

from layeratlas.config.expansion import describe, expand
from layeratlas.config.experiment import load_experiment
from layeratlas.cubes.assembling import assemble
from layeratlas.cubes.identities import misplaced_runs
from layeratlas.storage import open_datatree, publish

DATA = {"source": "digits", "n_train": 64}
SMALL = {"depth": 3, "width": 8, "batch_norm": False}
EXPERIMENTS = {
    "training": {
        "dataset": DATA, "model": {"depth": 3, "width": 8}, "training": {"batch_size": 32},
        "grid": {"dropout": [0.1, 0], "data_noise": [0, 0.3]},
    },
    "along": {
        "dataset": DATA, "model": SMALL, "training": {"batch_size": 32},
        "grid": {"depth": [5, 3], "dropout": [0, 0.1]},
        "along": {"depth": {"learning_rate": {3: 0.5, 5: 0.25}, "width": {3: 4, 5: 9}},
                  "dropout": {"activation": {0: "tanh", 0.1: "relu"}}},
    },
    "static noise": {
        "dataset": DATA, "model": SMALL, "training": {"batch_size": 32},
        "noise": {"kind": "static"}, "grid": {"label_noise": [0, 0.3], "beta1": [0.5, 0.9]},
    },
    "sorts": {
        "dataset": DATA, "model": {"width": 8, "depth": 4},
        "grid": {"family": ["mlp", "residual_mlp"], "size": [4, None]},
    },
    "scalings": {
        "dataset": DATA, "model": {**SMALL, "family": "residual_mlp", "depth": 4},
        "training": {"batch_size": 32, "optimizer": "sgd"}, "scaling": {"name": "resnet_fsc"},
        "grid": {"branch_rule": ["1/L", "1/sqrt(L)"], "depth": [4, 5]},
    },
    "probe": {
        "kind": "probe", "model": {"width": 9},
        "grid": {"depth": [3, 4], "scaling": [None, "fsc", "fsc_auto"]},
    },
    "simulation": {
        "kind": "simulation", "chain": {"length": 3, "steps": 20},
        "grid": {"friction": [0.1, 0.2, 0.3], "order": ["first", "second"]},
    },
}  # fmt: skip


@pytest.fixture(params=EXPERIMENTS)
def cube(request, tmp_path) -> xr.DataTree:
    """The cube of a small experiment; its numbers are those of nothing."""
    text = {"title": "A grid", "seeds": [3, 1], **EXPERIMENTS[request.param]}
    (tmp_path / "x.yaml").write_text(as_yaml(text))
    experiment = load_experiment("x", "smoke", tmp_path)
    runs = expand(experiment)
    measured = xr.Dataset(
        {
            "run_id": ("run", np.array([run.id for run in runs], object)),
            "a": ("run", np.arange(len(runs), dtype="f4")),
        }
    )
    return assemble(**describe(experiment, runs), measured=[xr.DataTree(measured)])


def exchanged(cube: xr.DataTree) -> xr.DataTree:
    """The ids of two runs at each other's places."""
    ids = cube["run_id"].copy(deep=True)
    flat = ids.values.reshape(-1)
    other = next(i for i, name in enumerate(flat) if name != flat[0])
    flat[0], flat[other] = flat[other], flat[0]
    return cube.assign(run_id=ids.variable)


def test_a_cube_as_assembled_is_right_and_an_exchange_is_seen(cube, tmp_path):
    assert misplaced_runs(cube) is None
    wrong = exchanged(cube)
    reason = misplaced_runs(wrong)
    assert reason.startswith("runs that do not stand where their ids say: (")
    assert "seed 1" in reason or "seed 3" in reason
    # As it is stored, too.
    publish(wrong, tmp_path / "a.zarr.zip")
    with open_datatree(tmp_path / "a.zarr.zip") as stored:
        assert misplaced_runs(stored) == reason


def test_a_run_that_is_missing_is_at_no_wrong_place(cube):
    ids = cube["run_id"].copy(deep=True)
    ids.values.reshape(-1)[0] = ""
    assert misplaced_runs(cube.assign(run_id=ids.variable)) is None


@pytest.mark.parametrize("cube", ["simulation"], indirect=True)
@pytest.mark.parametrize("turned", ["friction", "order", "seed"])
def test_labels_turned_around_are_seen(cube, turned):
    labels = cube[turned].variable.copy(data=cube[turned].values[::-1])
    root = cube.to_dataset().assign_coords({turned: labels})
    assert "do not stand" in misplaced_runs(xr.DataTree(root))


@pytest.mark.parametrize("cube", ["training"], indirect=True)
def test_of_what_does_not_tell_enough_nothing_is_known(cube):
    settings = json.loads(cube.attrs["settings"])
    settings["model"]["width"] = 9  # as if another version hashed other settings
    for change in (
        {"settings": json.dumps(settings)},
        {"settings": json.dumps({**settings, "model": {"colour": "red"}})},
        {"settings": "[3]"},
    ):
        other = exchanged(cube)
        other.attrs = {**cube.attrs, **change}
        assert misplaced_runs(other) is None
    assert misplaced_runs(xr.DataTree(xr.Dataset({"a": 1}))) is None
    other.attrs = {**cube.attrs, "settings": "[" * 100_000}
    assert "nested deeper" in misplaced_runs(other)
