"""Runs of an experiment: ids that stay, seeds, coordinates, and what a cube is told."""

from __future__ import annotations

import hashlib
import itertools
import json
from pathlib import Path

import pytest
from made.documents import as_yaml

from layeratlas.config.expansion import describe, expand
from layeratlas.config.experiment import load_experiment
from layeratlas.config.experiments import load_experiments
from layeratlas.kinds import KINDS
from layeratlas.metrics import METRICS, Metric
from layeratlas.runs.run import canonical_json, short_hash
from layeratlas.runs.sharding import plan_shards

EXPERIMENTS = Path(__file__).resolve().parents[2] / "config" / "experiments"
#: Experiment → preset → digests of its run ids and of the names of its shards, in their order.
IDENTITIES = Path(__file__).with_name("identities.json")
BASE = {
    "title": "A grid",
    "dataset": {"source": "digits", "n_train": 64},
    "model": {"depth": 3, "width": 8, "batch_norm": False},
    "training": {"epochs": 5, "batch_size": 32},
    "seeds": [3, 1],
}


@pytest.fixture
def load(tmp_path):
    def of(**changes):
        (tmp_path / "x.yaml").write_text(as_yaml({**BASE, **changes}))
        return load_experiment("x", "smoke", tmp_path)

    return of


@pytest.mark.parametrize("preset", ["smoke", "laptop", "paper"])
def test_no_experiment_of_the_repository_has_new_runs(preset):
    """A new id trains anew: where a file of config/experiments was changed, so is its entry."""
    stored = json.loads(IDENTITIES.read_text(encoding="utf-8"))
    found = load_experiments(preset, EXPERIMENTS)
    changed = [name for name in stored if identity(found[name]) != stored[name][preset]]
    assert not changed


def identity(experiment) -> list[str]:
    kind, runs = KINDS[experiment.kind], expand(experiment)
    plans = plan_shards(runs, experiment.shard_size, kind.members, (), kind.together)
    named = ([run.id for run in runs], [plan.key for plan in plans])
    return [hashlib.sha256("\n".join(names).encode()).hexdigest()[:16] for names in named]


def test_runs_are_those_of_the_naive_loop(load):
    grid = {"dropout": [0, 0.1], "beta1": [0.9, 0.5], "optimizer": ["adam", "sgd"]}
    experiment = load(grid=grid)
    twin = []
    for dropout, beta1, optimizer, seed in itertools.product(*grid.values(), BASE["seeds"]):
        raw = {key: dict(BASE[key]) for key in ("dataset", "model", "training")}
        raw["model"]["dropout"] = float(dropout)
        raw["training"] |= {"beta1": beta1, "optimizer": optimizer}
        settings = KINDS["training"].settings.model_validate({**raw, "seed": seed}).canonical()
        at = {"dropout": dropout, "beta1": beta1, "optimizer": optimizer, "seed": seed}
        twin.append((short_hash(settings), at, settings, (5,)))
    runs = expand(experiment)
    assert [(r.id, r.coordinates, r.settings, r.checkpoints) for r in runs] == twin


def test_a_run_keeps_the_moments_of_its_own_length(load):
    runs = expand(load(grid={"epochs": [2, 5]}, checkpoints=[0, 3, "final"], seeds=1))
    assert [run.checkpoints for run in runs] == [(0, 2), (0, 3, 5)]
    plans = plan_shards(runs, 40, KINDS["training"].members)
    assert {plan.run_ids[0]: plan.checkpoints for plan in plans} == {
        run.id: run.checkpoints for run in runs
    }


def test_a_cube_is_told_its_axes(load):
    grid = {
        "data_noise": [0, 0.5],
        "learning_rate": [0.1],
        "beta1": [0.9],
        "family": ["mlp", "residual_mlp"],
        "batch_norm": [False],
        "n_test": [None, 10],
    }
    experiment = load(grid=grid)
    told = describe(experiment, expand(experiment))
    canonical_json(told)
    description = told["description"]
    axes = description["axes"]
    assert list(axes) == list(description["grid"]) == list(grid)
    assert axes["data_noise"] == {
        "long_name": "label and input noise",
        "units": "1",
        "symbol": "p",
        "text": False,
        "paths": [["noise", "label_noise"], ["noise", "input_noise"]],
    }
    assert axes["learning_rate"]["symbol"] == "η"
    assert axes["beta1"]["long_name"] == "Adam: decay of the first moment"
    assert [name for name, axis in axes.items() if axis["text"]] == ["family", "n_test"]
    # A cube has no null: mixed values are all text.
    assert description["grid"]["n_test"] == ["null", "10"]
    assert description["grid"]["batch_norm"] == [False]
    places = {**description["grid"], "seed": description["seeds"]}
    points = [dict(zip(places, p, strict=True)) for p in itertools.product(*places.values())]
    assert [run["coordinates"] for run in told["runs"]] == points


@pytest.mark.parametrize(
    ("name", "fixes"),
    [
        ("phase_diagram_dropout", "seed of initialisation, shuffling, noise and dropout"),
        ("spring_phase_diagram", "seed of the shaking"),
        ("hp_mlp", "seed of the weights, the input and the target"),
    ],
)
def test_a_cube_is_told_what_its_seed_fixes(name, fixes):
    experiment = load_experiment(name, "smoke", EXPERIMENTS)
    described = describe(experiment, expand(experiment))["description"]
    assert described["seed"] == {"long_name": fixes}


def test_the_start_is_kept_for_metrics_that_compare_with_it(load, monkeypatch):
    """Beside the checkpoints that the cube has, and once."""
    moved = Metric("moved", "x:y", ("weights", "initial_weights"), "affine")
    monkeypatch.setitem(METRICS._entries, "moved", moved)
    grid = {"dropout": [0, 0.1]}
    for checkpoints, of_cube in ((["final"], (5,)), ([0, 2], (0, 2)), ([3], (3,))):
        plain, kept = (
            load(grid=grid, checkpoints=checkpoints, measure={"metrics": metrics})
            for metrics in (["data_separation"], ["moved"])
        )
        assert plain.checkpoints == kept.checkpoints == of_cube
        assert {run.checkpoints for run in expand(plain)} == {of_cube}
        assert {run.checkpoints for run in expand(kept)} == {tuple(sorted({0, *of_cube}))}
        assert [run.id for run in expand(plain)] == [run.id for run in expand(kept)]
