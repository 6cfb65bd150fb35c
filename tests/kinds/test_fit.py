"""Fits: what they ask of the experiments that they fit with."""

from __future__ import annotations

import pytest
from made.documents import as_yaml

from layeratlas.config.experiment import load_experiment
from layeratlas.config.experiments import load_experiments
from layeratlas.errors import ConfigError
from layeratlas.kinds.fit import LIBRARY_AXES, LIBRARY_STEPS

TARGET = {
    "title": "Networks",
    "dataset": {"source": "digits", "n_train": 64},
    "training": {"epochs": 5},
    "grid": {"dropout": [0, 0.1]},
    "checkpoints": {"every": 1},
    "measure": {"batch_norm_modes": ["running_statistics", "batch_statistics"]},
}
LIBRARY = {
    "title": "Chains",
    "kind": "simulation",
    "chain": {"steps": 100},
    "grid": {axis: [0.1, 0.2] for axis in LIBRARY_AXES},
    "checkpoints": {"every": 10},
}
FIT = {"target": "networks", "library": "chains"}


@pytest.fixture
def load(tmp_path):
    def of(networks=TARGET, chains=LIBRARY, **fit):
        files = {
            "networks": networks,
            "chains": chains,
            "f": {"title": "A fit", "kind": "fit", "fit": {**FIT, **fit}},
        }
        for name, raw in files.items():
            (tmp_path / f"{name}.yaml").write_text(as_yaml(raw))
        return load_experiments("smoke", tmp_path)

    return of


def test_chains_as_long_as_the_networks_are_fitted(load):
    chains = {**LIBRARY, "chain": {"steps": 100, "length": 3}}
    assert load({**TARGET, "model": {"depth": 4}}, chains)["f"].kind == "fit"


@pytest.mark.parametrize("quantity", ["load_curve", "trajectory"])
def test_a_fit_of_what_is_there(load, quantity):
    found = load(quantity=quantity)
    assert found["f"].grid == {} and found["f"].settings["fit"]["quantity"] == quantity


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"target": "nothing"}, "fit.target: 'nothing' is no training experiment; there are: netw"),
        ({"target": "chains"}, "fit.target: 'chains' is no training experiment"),
        ({"library": "f"}, "fit.library: 'f' is no simulation experiment; there are: chains"),
        ({"chains": {**LIBRARY, "grid": {"friction_right": [0.1]}}}, "has no axis noise_strength"),
        (
            {"chains": {**LIBRARY, "chain": {"steps": 100, "length": 3}}},
            "the chains of 'chains' have 3 blocks, the networks of 'networks' 8 linear maps",
        ),
        (
            {"networks": {**TARGET, "model": {"depth": 3}}},
            "the chains of 'chains' have 7 blocks, the networks of 'networks' 3 linear maps",
        ),
        (
            {"networks": {**TARGET, "grid": {"depth": [8, 4]}}},
            "the networks of 'networks' 4, 8 linear maps; a fit needs one depth and",
        ),
    ],
)
def test_neighbours_that_are_not_there_or_not_right(load, tmp_path, changes, told):
    with pytest.raises(ConfigError) as caught:
        load(**changes)
    assert str(caught.value).startswith(f"{tmp_path / 'f.yaml'}: fit.")
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("target", "library", "told"),
    [
        ({"checkpoints": ["final"]}, {}, "'networks' keeps one checkpoint, epoch 5, and no traj"),
        ({"measure": {}}, {}, "'networks' is not measured with batch statistics"),
        ({}, {"checkpoints": [0, "final"]}, "'chains' keeps 2 steps from step 0 on"),
        ({}, {"checkpoints": ["final"]}, "'chains' keeps 1 step from step 100 on"),
        ({}, {"checkpoints": {"every": 13}, "seeds": 1}, f"at least {LIBRARY_STEPS} steps in all"),
        ({}, {"checkpoints": list(range(1, 100))}, "'chains' keeps 99 steps from step 1 on"),
    ],
)
def test_trajectories_need_moments_on_both_sides(load, target, library, told):
    # Load curves need none.
    load({**TARGET, **target}, {**LIBRARY, **library})
    with pytest.raises(ConfigError) as caught:
        load({**TARGET, **target}, {**LIBRARY, **library}, quantity="trajectory")
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"fit": {**FIT, "quantity": "loads"}},
         "fit.quantity: input should be 'load_curve' or 'trajectory'; got 'loads'"),
        ({"fit": {"target": "networks"}}, "fit.library: missing"),
        ({"grid": {"dropout": [0]}}, "grid: an experiment of kind 'fit' has none of its own"),
        ({"model": {"depth": 3}}, "model: not a setting"),
    ],
)  # fmt: skip
def test_settings_that_a_fit_has_not(tmp_path, changes, told):
    raw = {"title": "A fit", "kind": "fit", "fit": FIT} | changes
    (tmp_path / "f.yaml").write_text(as_yaml(raw))
    with pytest.raises(ConfigError) as caught:
        load_experiment("f", "smoke", tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / 'f.yaml'} ")
    assert told in str(caught.value)
