"""Run ids, shards, and how both outlive a growing grid."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made.documents import as_yaml

from layeratlas.config.expansion import expand
from layeratlas.config.experiment import load_experiment
from layeratlas.datasets.recipe import DatasetRecipe
from layeratlas.kinds import KINDS
from layeratlas.kinds.training import MEMBER_SETTINGS
from layeratlas.runs.sharding import plan_shards

BASE = {
    "title": "A grid",
    "dataset": {"source": "digits", "n_train": 64},
    "model": {"depth": 3, "width": 8},
    "training": {"epochs": 5, "batch_size": 32},
    "grid": {"dropout": [0, 0.1], "negative_slope": [0, 1]},
    "seeds": 2,
}


@pytest.fixture
def load(tmp_path):
    return lambda **changes: _load(tmp_path, **changes)


def _load(folder, **changes):
    (folder / "x.yaml").write_text(as_yaml({**BASE, **changes}))
    return load_experiment("x", "smoke", folder)


def _ids(experiment) -> list[str]:
    return [run.id for run in expand(experiment)]


# --- runs -----------------------------------------------------------------------------------------
def test_run_ids_are_distinct_and_stay_the_same(load):
    ids = _ids(load())
    assert len(set(ids)) == len(ids) == 2 * 2 * 2
    assert ids == _ids(load())


def test_run_ids_are_those_of_earlier_versions(load):
    """Sections that came later leave no trace in runs that do not have them."""
    assert _ids(load())[0] == "6a14716a47be18b4"


SCALED = {
    "model": {"depth": 4, "width": 8, "batch_norm": False},
    "training": {"epochs": 5, "batch_size": 32, "optimizer": "sgd"},
}


def test_scalings_may_differ_inside_a_shard(load):
    grid = {"scaling": ["ntk", "fsc", "fsc_auto"], "learning_rate": [0.1, 0.2]}
    experiment = load(**SCALED, scaling={"name": "fsc", "setting": "sparse"}, grid=grid)
    runs = expand(experiment)
    plans = plan_shards(runs, 1000, MEMBER_SETTINGS)
    # What the tables do not read is no part of a run, and what is calibrated does not read them.
    assert [plan.shared["scaling"] for plan in plans] == [
        {"setting": "sparse"}, {"setting": "sparse", "calibration_images": 64},
    ]  # fmt: skip
    assert [plan.members["scaling"] for plan in plans] == [
        ("ntk",) * 4 + ("fsc",) * 4, ("fsc_auto",) * 4,
    ]  # fmt: skip
    plain = load(**SCALED, grid={"dropout": [0]})
    assert not {run.id for run in runs} & set(_ids(plain))
    (plan,) = plan_shards(expand(plain), 1000, MEMBER_SETTINGS)
    assert "scaling" not in plan.shared
    assert "scaling" not in plan.members


def test_a_branch_rule_is_the_number_of_its_depth(load):
    net = {"family": "residual_mlp", "width": 8, "depth": 4}
    plain = {"training": SCALED["training"], "seeds": 1}
    rules = load(**plain, model=net, grid={"branch_rule": ["1/sqrt(L)", "0.5"]})
    numbers = load(**plain, model=net, grid={"branch_scale": [0.5]})
    assert rules.grid == {"branch_rule": ("1/sqrt(L)", "0.5")}
    assert _ids(rules) == _ids(numbers) * 2
    depths = load(**plain, model=net, grid={"depth": [4, 16]})
    assert [run.settings["model"]["branch_scale"] for run in expand(depths)] == [0.5, 0.25]


def test_run_ids_do_not_depend_on_how_a_file_is_written(load):
    ids = set(_ids(load()))
    turned = {key: BASE[key] for key in reversed(BASE)}
    turned["training"] = {"batch_size": 32, "epochs": 5}
    turned["grid"] = {"negative_slope": [1.0, -0.0], "dropout": [1e-1, 0.0]}
    assert set(_ids(load(**turned))) == ids
    # A default written out is the same setting; so is a value of the grid that is also fixed.
    assert set(_ids(load(model={"depth": 3, "width": 8, "dropout": 0.4}, dtype="float32"))) == ids
    # What only names, measures or packs a run is no part of it.
    assert set(_ids(load(title="Another", seeds=[2, 1], shard_size=3, checkpoints=[0, 5]))) == ids


def test_run_ids_do_not_depend_on_how_noise_is_written(load):
    grid = {"negative_slope": [0, 1]}
    short = _ids(load(grid=grid, noise={"data_noise": 0.3}))
    assert short == _ids(load(grid=grid, noise={"label_noise": 0.3, "input_noise": 0.3}))
    assert short == _ids(load(grid=grid, noise={"kind": "fresh", "data_noise": 0.30}))
    axis = load(grid={"data_noise": [0.3], **grid})
    assert short == _ids(axis)


@pytest.mark.parametrize("noise", ["data_noise", "label_noise", "input_noise"])
def test_static_and_fresh_noise_share_neither_runs_nor_data(load, noise):
    grid = {noise: [0.1, 0.3], "negative_slope": [0, 1]}
    fresh, static = load(grid=grid), load(grid=grid, noise={"kind": "static"})
    assert not set(_ids(fresh)) & set(_ids(static))
    data = [
        {
            DatasetRecipe.model_validate(plan.shared["dataset"]).key
            for plan in plan_shards(expand(experiment), 40, MEMBER_SETTINGS)
        }
        for experiment in (fresh, static)
    ]
    assert len(data[0]) == 1 and len(data[1]) == 2 and not data[0] & data[1]
    # The engine, which redraws noise, is told of none.
    for run in expand(static):
        assert run.settings["noise"] == {"label_noise": 0.0, "input_noise": 0.0}
        assert run.settings["dataset"]["static_noise_seed"] == 0


def test_no_noise_is_the_same_run_of_either_kind(load):
    grid = {"negative_slope": [0, 1]}
    assert _ids(load(grid=grid)) == _ids(load(grid=grid, noise={"kind": "static"}))


@pytest.mark.parametrize(
    "change",
    [
        {"dataset": {"source": "digits", "n_train": 65}},
        {"dataset": {"source": "digits", "n_train": 64, "size": 4}},
        {"model": {"depth": 4, "width": 8}},
        {"model": {"depth": 3, "width": 8, "batch_norm": False}},
        {"training": {"epochs": 6, "batch_size": 32}},
        {"training": {"epochs": 5, "batch_size": 32, "early_stop": None}},
        {"training": {"epochs": 5, "batch_size": 32, "loss": "mean_squared_error"}},
        {"noise": {"label_noise": 0.1}},
        {"dtype": "float64"},
        {"seeds": [3, 4]},
    ],
)
def test_whatever_changes_the_numbers_changes_the_id(load, change):
    assert not set(_ids(load())) & set(_ids(load(**change)))


# --- shards ---------------------------------------------------------------------------------------
def test_a_shard_has_one_architecture_batch_and_number_of_steps(load):
    grid = {
        "depth": [2, 3],
        "batch_size": [16, 32],
        "n_train": [64, 48],
        "momentum": [0, 0.5],
        "learning_rate": [0.1, 0.01],
        "label_noise": [0, 0.5],
    }
    experiment = load(grid=grid, training={"optimizer": "sgd", "epochs": 2})
    runs = {run.id: run for run in expand(experiment)}
    plans = plan_shards(list(runs.values()), 1000, MEMBER_SETTINGS)
    assert len(plans) == 2 * 2 * 2 * 2
    for plan in plans:
        for i, run in enumerate(plan.run_ids):
            s = runs[run].settings
            assert plan.shared["model"]["depth"] == s["model"]["depth"]
            assert plan.shared["training"]["batch_size"] == s["training"]["batch_size"]
            assert plan.shared["training"]["momentum"] == s["training"]["momentum"]
            assert plan.shared["dataset"] == s["dataset"]
            # Every run finds its own settings again at its place.
            assert plan.members["learning_rate"][i] == s["training"]["learning_rate"]
            assert plan.members["label_noise"][i] == s["noise"]["label_noise"]
            assert plan.members["seed"][i] == s["seed"]


GRIDS = st.fixed_dictionaries(
    {
        "dropout": st.lists(st.sampled_from([0.0, 0.1, 0.2, 0.3]), min_size=1, unique=True),
        "depth": st.lists(st.integers(1, 4), min_size=1, max_size=3, unique=True),
        "batch_size": st.lists(st.sampled_from([8, 16, 32]), min_size=1, unique=True),
    }
)
SEEDS = st.lists(st.integers(0, 9), min_size=1, max_size=4, unique=True)


def _plan(folder, grid, seeds, size, known=()):
    runs = expand(_load(folder, grid=grid, seeds=seeds))
    return runs, plan_shards(runs, size, MEMBER_SETTINGS, known)


@settings(max_examples=40, deadline=None)
@given(grid=GRIDS, seeds=SEEDS, size=st.integers(1, 7), data=st.data())
def test_every_run_is_in_one_shard_and_planning_again_changes_nothing(
    tmp_path_factory, grid, seeds, size, data
):
    folder = tmp_path_factory.mktemp("grid", numbered=True)
    runs, plans = _plan(folder, grid, seeds, size)
    packed = [run for plan in plans for run in plan.run_ids]
    assert sorted(packed) == sorted(run.id for run in runs)
    assert all(1 <= plan.size <= size for plan in plans)
    assert len({plan.key for plan in plans}) == len(plans)
    finished = data.draw(st.lists(st.sampled_from(plans), unique_by=lambda plan: plan.key))
    _, again = _plan(folder, grid, seeds, size, finished)
    assert {plan.key for plan in again} == {plan.key for plan in plans}


@settings(max_examples=40, deadline=None)
@given(grid=GRIDS, seeds=SEEDS, size=st.integers(1, 7), data=st.data())
def test_a_grown_grid_keeps_its_shards_and_adds_the_new_runs_only(
    tmp_path_factory, grid, seeds, size, data
):
    folder = tmp_path_factory.mktemp("grid", numbered=True)
    old_runs, old = _plan(folder, grid, seeds, size)
    axis = data.draw(st.sampled_from(["seed", *grid]))
    new = {"seed": 77, "dropout": 0.55, "depth": 6, "batch_size": 4}[axis]
    values = seeds if axis == "seed" else grid[axis]
    spot = data.draw(st.integers(0, len(values)))
    longer = [*values[:spot], new, *values[spot:]]
    seeds, grid = (longer, grid) if axis == "seed" else (seeds, {**grid, axis: longer})
    runs, plans = _plan(folder, grid, seeds, size, old)
    old_ids = {run.id for run in old_runs}
    assert {plan.key for plan in old} <= {plan.key for plan in plans}
    added = [run for plan in plans if plan not in old for run in plan.run_ids]
    assert len(added) == len(set(added))
    assert set(added) == {run.id for run in runs} - old_ids


def test_a_smaller_grid_uses_what_there_is(load):
    _, old = expand(load()), plan_shards(expand(load()), 40, MEMBER_SETTINGS)
    runs = expand(load(seeds=1))
    assert plan_shards(runs, 40, MEMBER_SETTINGS, old) == old


def test_a_known_shard_is_kept_only_for_runs_that_no_other_one_holds(load):
    """Grids that were cut in several sizes leave plans that overlap: none is computed twice."""
    runs = expand(load(grid={"dropout": [0, 0.1, 0.2]}, seeds=2))
    known = [plan for size in (6, 3, 2, 1) for plan in plan_shards(runs, size, MEMBER_SETTINGS)]
    assert len(known) == 1 + 2 + 3 + 6
    kept, covered = plan_shards(runs, 6, MEMBER_SETTINGS, known), set()
    for plan in kept:
        assert plan in known and not covered.issuperset(plan.run_ids)
        covered.update(plan.run_ids)
    assert covered == {run.id for run in runs} and len(kept) < len(known)


def test_other_checkpoints_are_other_shards(load):
    runs = expand(load())
    old = plan_shards(runs, 3, MEMBER_SETTINGS)
    new = plan_shards(expand(load(checkpoints=[0, 5])), 3, MEMBER_SETTINGS, old)
    assert not {plan.key for plan in old} & {plan.key for plan in new}


def test_a_plan_that_keeps_other_settings_apart_is_planned_anew(load):
    """As versions before and after a setting may differ inside a shard leave it."""
    runs = expand(load(grid={"dropout": [0, 0.1]}, seeds=2))
    (plan,) = plan_shards(runs, 1000, MEMBER_SETTINGS)
    members = {name: values for name, values in plan.members.items() if name != "dropout"}
    old = dataclasses.replace(plan, members=members)
    assert plan_shards(runs, 1000, MEMBER_SETTINGS, [plan]) == [plan]
    (again,) = plan_shards(runs, 1000, MEMBER_SETTINGS, [old])
    assert again.members == plan.members


def test_runs_that_share_work_are_cut_apart_last(tmp_path):
    raw = {
        "title": "A probe", "kind": "probe", "model": {"family": "residual_mlp"}, "seeds": 2,
        "grid": {"branch_scale": [0.1, 0.5], "depth": [9, 5, 7]},
    }  # fmt: skip
    (tmp_path / "x.yaml").write_text(as_yaml(raw))
    runs = expand(load_experiment("x", "laptop", tmp_path))
    kind = KINDS["probe"]
    plans = plan_shards(runs, 4, kind.members, (), kind.together)
    assert [set(plan.members["depth"]) for plan in plans] == [{5}, {7}, {9}]
    assert [plan.members["seed"] for plan in plans] == [(1, 1, 2, 2)] * 3
    assert {run for plan in plans for run in plan.run_ids} == {run.id for run in runs}
