"""Runs taken out of a cube are those that were put in."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from made.experiments import cube_of

from layeratlas.chains.simulation import simulate_shard
from layeratlas.cubes.assembling import assemble
from layeratlas.cubes.taking import has_plain_layers, run_ids, runs_of_cube


@pytest.fixture(scope="module")
def cube() -> xr.DataTree:
    return cube_of("spring_phase_diagram", simulate_shard, seeds=2, chain={"steps": 50})


def test_all_runs_of_a_cube_make_it_again(cube):
    root = cube.to_dataset()
    axes = ("friction_right", "noise_strength")
    stacked = root["run_id"].stack(run=(*axes, "seed"))
    runs = [
        {"id": str(one.item()), "coordinates": {
            **{axis: one[axis].item() for axis in axes}, "seed": one["seed"].item()}}
        for one in stacked
    ]  # fmt: skip
    description = {
        "grid": {axis: root[axis].values.tolist() for axis in axes},
        "axes": {axis: {"long_name": axis, "units": "1", "symbol": "", "text": False,
                        "paths": [["chain", axis]]} for axis in axes},
        "seed": {"long_name": "seed"}, "seeds": root["seed"].values.tolist(), "dataset": None,
        "settings": {}, "noise_kind": "", "title": "", "summary": "", "references": "", "name": "x",
        "preset": "smoke",
    }  # fmt: skip
    again = assemble(description, runs, [runs_of_cube(cube, run_ids(cube))])
    dims = cube["layers"]["spring_separation"].dims
    np.testing.assert_array_equal(
        again["layers"]["spring_separation"].transpose(*dims), cube["layers"]["spring_separation"]
    )
    assert (again["run_id"].transpose(*root["run_id"].dims) == root["run_id"]).all()


def test_only_those_that_are_wanted_and_have_results(cube):
    ids = sorted(run_ids(cube))[:5]
    root = cube.to_dataset(inherit=False)
    status = root["status"].copy()
    status.values[root["run_id"].values == ids[0]] = 2
    without = xr.DataTree.from_dict(
        {"/": root.assign(status=status), "/layers": cube["layers"].to_dataset(inherit=False)}
    )
    taken = runs_of_cube(without, ids)
    assert sorted(taken["run_id"].values) == ids[1:] and ids[0] not in run_ids(without)
    assert taken["layers"]["spring_separation"].dims[0] == "run"
    assert not set(taken.to_dataset().coords) & {"seed", "noise_strength"}


def test_what_is_made_of_all_runs_together_is_no_run_s(cube):
    more = cube.copy()
    more["refined"] = xr.DataTree(xr.Dataset({"mean": ("point", [1.0])}))
    assert "refined" not in runs_of_cube(more, run_ids(cube)).children


def test_layers_that_differ_from_run_to_run_are_told(cube):
    assert has_plain_layers(cube)
    node = cube["layers"].to_dataset(inherit=True)
    mixed = node["layer_name"].expand_dims(noise_strength=node["noise_strength"])
    other = xr.DataTree.from_dict({
        "/": cube.to_dataset(), "/layers": node.assign_coords(layer_name=mixed)})  # fmt: skip
    assert not has_plain_layers(other)
