"""Measurements are believed to be those of the runs that their file's name stands for."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import xarray as xr
from made.documents import as_yaml

from layeratlas.config.expansion import expand
from layeratlas.config.experiment import load_experiment
from layeratlas.cubes.measurements import read_measurements
from layeratlas.errors import LONGEST, UnreadableError
from layeratlas.kinds import KINDS
from layeratlas.runs.sharding import plan_shards
from layeratlas.storage import publish

SIMULATED = {
    "title": "Chains",
    "kind": "simulation",
    "chain": {"length": 3, "steps": 20},
    "grid": {"noise_strength": [0.0, 0.1]},
    "seeds": 2,
}


@pytest.fixture
def plan(tmp_path):
    (tmp_path / "x.yaml").write_text(as_yaml(SIMULATED))
    experiment = load_experiment("x", "smoke", tmp_path)
    kind = KINDS["simulation"]
    (plan,) = plan_shards(expand(experiment), 40, kind.members)
    return plan


@pytest.fixture
def measured(plan):
    """Numbers of the plan's runs as an archive has them; attributes and ids to be changed."""

    def of(attrs=None, ids=None, steps=None):
        ids = list(plan.run_ids if ids is None else ids)
        root = xr.Dataset(
            {"run_id": ("run", np.array(ids, object)), "status": ("run", np.zeros(len(ids), "i1"))},
            attrs=plan.attributes() if attrs is None else attrs,
        )
        steps = list(plan.checkpoints if steps is None else steps)
        layers = xr.Dataset(
            {"d": (("run", "step"), np.zeros((len(ids), len(steps)), "f4"))}, {"step": steps}
        )
        return xr.DataTree.from_dict({"/": root, "/layers": layers})

    return of


def refused(tree, path) -> str:
    publish(tree, path)
    with pytest.raises(UnreadableError) as caught:
        read_measurements(path)
    assert path.name in str(caught.value) and len(str(caught.value)) <= LONGEST
    return caught.value.reason


def test_what_a_shard_measured_is_read(plan, measured, tmp_path):
    path = tmp_path / f"{plan.key}.zarr.zip"
    publish(measured(), path)
    read = read_measurements(path)
    assert read["run_id"].values.tolist() == list(plan.run_ids)
    # Of an earlier version, without its plan.
    publish(measured(attrs={}), path)
    assert read_measurements(path)["layers"]["d"].shape == (4, len(plan.checkpoints))


def test_other_runs_moments_and_names_are_refused(plan, measured, tmp_path):
    path = tmp_path / f"{plan.key}.zarr.zip"
    other = [*plan.run_ids[:3], "0" * 16]
    for tree in (
        measured(ids=other),
        measured(ids=plan.run_ids[::-1]),
        measured(ids=plan.run_ids[:3]),
        measured(attrs={}, ids=other),
        measured(attrs={}, steps=[0, 1, 2]),
    ):
        assert "does not hold the runs" in refused(tree, path)
    assert "does not hold" in refused(measured(), tmp_path / f"{'0' * 16}.zarr.zip")
    assert refused(xr.DataTree(xr.Dataset({"a": 1})), path) == "holds no runs"


def test_a_shard_made_by_a_plan_with_two_values_exchanged_is_refused(plan, measured, tmp_path):
    path = tmp_path / f"{plan.key}.zarr.zip"
    seeds = plan.members["seed"]
    wrong = dataclasses.replace(plan, members={**plan.members, "seed": seeds[::-1]})
    assert "settings beside it" in refused(measured(attrs=wrong.attributes()), path)


@pytest.mark.parametrize("text", ["", "{", "3", "[" * 9999, json.dumps({"key": "x"})])
def test_a_plan_that_is_none_is_refused_in_words(plan, measured, tmp_path, text):
    path = tmp_path / f"{plan.key}.zarr.zip"
    assert refused(measured(attrs={"plan": text}), path)
