"""Cubes against a naive dictionary of runs, and as a stranger reads them."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr

from layeratlas.cubes.assembling import assemble
from layeratlas.cubes.grid import VARIES, grid_axes
from layeratlas.errors import StoreError
from layeratlas.runs.status import MISSING, STATUS_ATTRIBUTES
from layeratlas.storage import content_hash, open_datatree, publish

MODES = ("running_statistics", "batch_statistics")
CHECKPOINTS = (0, 5)
UNITLESS = {"long_name": "…", "units": "1"}


def _description(grid, seeds=(3, 1)):
    return {
        "name": "x",
        "preset": "smoke",
        "title": "A cube",
        "summary": "of numbers",
        "references": "nobody",
        "noise_kind": "fresh",
        "dataset": {"source": "digits", "n_train": 64},
        "settings": {"model": {"depth": 3}},
        "grid": grid,
        "axes": {axis: _told(axis, values) for axis, values in grid.items()},
        "seed": {"long_name": "seed of everything"},
        "seeds": list(seeds),
    }


def _told(axis, values):
    return {
        "long_name": axis.replace("_", " "),
        "units": "1",
        "symbol": axis[0],
        "text": any(isinstance(value, str) for value in values),
        "paths": [["model", axis]],
    }


def _runs(description):
    axes = {**description["grid"], "seed": description["seeds"]}
    points = itertools.product(*axes.values())
    return [
        {"id": f"run{i}", "coordinates": dict(zip(axes, point, strict=True))}
        for i, point in enumerate(points)
    ]


def _layer_names(n):
    return np.array(["input", *(f"hidden_{i}" for i in range(1, n - 1)), "logits"], dtype=object)


def _numbers(run_id, n_layers):
    """What was measured of a run, the same whenever it is asked for."""
    rng = np.random.default_rng(int(run_id.removeprefix("run").removeprefix("extra")))
    return {
        "status": np.int8(rng.integers(0, 2)),
        "epochs_run": np.float32(rng.random()),
        "loss": rng.random(6, "f4"),
        "accuracy": rng.random((len(CHECKPOINTS), len(MODES)), "f4"),
        "data_separation": rng.random((len(CHECKPOINTS), len(MODES), n_layers), "f4"),
    }


def _tree(ids, n_layers=4):
    """A shard's measurement, shaped as `layeratlas.measure` gives it."""
    of = [_numbers(run, n_layers) for run in ids]
    epoch = ("epoch", np.array(CHECKPOINTS), {"long_name": "epoch", "units": "1"})
    mode = ("batch_norm_mode", np.array(MODES, dtype=object), {"long_name": "statistics"})
    at = ("run", "epoch", "batch_norm_mode")
    root = xr.Dataset(
        {
            "run_id": ("run", np.array(ids, dtype=object), {"long_name": "run id"}),
            "status": ("run", np.array([n["status"] for n in of]), STATUS_ATTRIBUTES),
            "epochs_run": ("run", np.array([n["epochs_run"] for n in of]), UNITLESS),
        },
        attrs={"title": "a shard"},
    )
    epochs = ("epoch", np.arange(1, 7), {"long_name": "epoch", "units": "1"})
    training = xr.Dataset(
        {"loss": (("run", "epoch"), np.array([n["loss"] for n in of]), UNITLESS)},
        coords={"epoch": epochs},
    )
    evaluation = xr.Dataset(
        {"accuracy": (at, np.array([n["accuracy"] for n in of]), UNITLESS)},
        coords={"epoch": epoch, "batch_norm_mode": mode},
    )
    separation = np.array([n["data_separation"] for n in of])
    layers = xr.Dataset(
        {"data_separation": ((*at, "layer"), separation, UNITLESS)},
        coords={
            "epoch": epoch,
            "batch_norm_mode": mode,
            "layer": ("layer", np.arange(n_layers), {"long_name": "layer", "units": "1"}),
            "layer_name": ("layer", _layer_names(n_layers), {"long_name": "name of the layer"}),
        },
    )
    return xr.DataTree.from_dict(
        {"/": root, "/training": training, "/evaluation": evaluation, "/layers": layers}
    )


def _check(cube, runs, found, n_layers=lambda run: 4):
    """The naive twin: look every run up by its coordinates."""
    for run in runs:
        at = run["coordinates"]
        deep = cube.sizes.get("layer") or cube["layers"].sizes["layer"]
        n = n_layers(run)
        values = {
            "status": cube["status"].sel(at).item(),
            "epochs_run": cube["epochs_run"].sel(at).values,
            "loss": cube["training/loss"].sel(at).values,
            "accuracy": cube["evaluation/accuracy"].sel(at).values,
            "data_separation": cube["layers/data_separation"].sel(at).values,
        }
        if run["id"] in found:
            assert cube["run_id"].sel(at).item() == run["id"]
            expected = _numbers(run["id"], n)
            padding = np.full((len(CHECKPOINTS), len(MODES), deep - n), np.nan, "f4")
            expected["data_separation"] = np.concatenate(
                [expected["data_separation"], padding], axis=-1
            )
        else:
            assert cube["run_id"].sel(at).item() == ""
            expected = {name: np.full(np.shape(v), np.nan) for name, v in values.items()}
            expected["status"] = MISSING
        for name, value in values.items():
            np.testing.assert_array_equal(value, expected[name], err_msg=f"{run} {name}")


def test_a_cube_is_its_runs_at_their_coordinates():
    description = _description({"negative_slope": [1.0, 0.0], "batch_size": [32, 8, 16]})
    runs = _runs(description)
    ids = [run["id"] for run in runs]
    shuffled = list(np.random.default_rng(0).permutation(ids))
    cube = assemble(description, runs, [_tree(shuffled[:5]), _tree(shuffled[5:])])
    _check(cube, runs, ids)
    assert tuple(cube["status"].dims) == ("negative_slope", "batch_size", "seed")
    assert tuple(cube["layers/data_separation"].dims) == (
        *("negative_slope", "batch_size", "seed"),
        *("epoch", "batch_norm_mode", "layer"),
    )
    assert cube["layers/layer_name"].dims == ("layer",)
    assert cube["layers/layer_name"].values.tolist() == _layer_names(4).tolist()
    assert (cube["layers/n_layers"] == 4).all()


def test_numbers_ascend_along_every_axis_and_slices_hold_them():
    """Stored noisiest first, as the file lists it, `slice(0, 0.2)` would silently be empty."""
    description = _description({"dropout": [0.28, 0.08, 0.16, 0.0], "scaling": ["ntk", "fsc"]})
    runs = _runs(description)
    cube = assemble(description, runs, [_tree([run["id"] for run in runs])])
    _check(cube, runs, {run["id"] for run in runs})
    assert cube["dropout"].values.tolist() == [0.0, 0.08, 0.16, 0.28]
    assert cube["scaling"].values.tolist() == ["ntk", "fsc"]
    assert cube["seed"].values.tolist() == [1, 3]
    assert cube["status"].sel(dropout=slice(0, 0.2)).sizes["dropout"] == 3


def test_a_growing_grid_keeps_its_numbers_at_their_labels():
    few = _description({"dropout": [0.28, 0.0]}, (1,))
    runs = _runs(few)
    tree = _tree([run["id"] for run in runs])
    more = _description({"dropout": [0.4, 0.28, 0.14, 0.0]}, (1,))
    grown = [
        *runs,
        {"id": "run90", "coordinates": {"dropout": 0.4, "seed": 1}},
        {"id": "run91", "coordinates": {"dropout": 0.14, "seed": 1}},
    ]
    before = assemble(few, runs, [tree])
    after = assemble(more, grown, [tree, _tree(["run90", "run91"])])
    at = {"dropout": before["dropout"].values}
    for path in ("status", "training/loss", "layers/data_separation"):
        np.testing.assert_array_equal(after[path].sel(at), before[path])


def test_missing_runs_say_so_and_strangers_are_left_out():
    description = _description({"negative_slope": [0.0, 1.0], "dropout": [0.0, 0.1]})
    runs = _runs(description)
    found = [run["id"] for run in runs][2:5]
    trees = [_tree(["extra90", *found[:2]]), _tree(["extra91", "extra92"]), _tree(found[2:])]
    cube = assemble(description, runs, trees)
    _check(cube, runs, found)
    assert int((cube["status"] == MISSING).sum()) == len(runs) - len(found)


def test_a_run_that_two_coordinates_name_stands_at_both():
    """Two rules may give the same branch scale, and so the same run."""
    description = _description({"branch_rule": ["0.5", "1/sqrt(L)"]}, (1,))
    runs = [
        {"id": "run7", "coordinates": {"branch_rule": rule, "seed": 1}}
        for rule in description["grid"]["branch_rule"]
    ]
    _check(assemble(description, runs, [_tree(["run7"])]), runs, {"run7"})


def test_a_cube_of_strangers_only_is_empty():
    description = _description({"dropout": [0.0, 0.1]})
    for trees in ([], [_tree(["extra90"])]):
        cube = assemble(description, _runs(description), trees)
        assert set(cube.coords) == {"dropout", "seed"} and not cube.data_vars


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_ragged_depth_is_padded_and_told(order):
    description = _description({"depth": [3, 5, 1], "dropout": [0.0, 0.1]})
    runs = _runs(description)
    groups = [[r["id"] for r in runs if r["coordinates"]["depth"] == d] for d in (3, 5, 1)]
    trees = [_tree(ids, depth + 1) for ids, depth in zip(groups, (3, 5, 1), strict=True)]
    cube = assemble(description, runs, [trees[i] for i in order])
    layers = cube["layers"]
    _check(cube, runs, [r["id"] for r in runs], lambda run: run["coordinates"]["depth"] + 1)
    assert layers["layer"].values.tolist() == list(range(6))
    assert layers["layer"].attrs == {"long_name": "layer", "units": "1"}
    assert layers["layer_name"].dims == ("depth", "layer")
    for depth in (3, 5, 1):
        own = layers["layer_name"].sel(depth=depth).values.tolist()
        assert own == [*_layer_names(depth + 1), *[""] * (5 - depth)]
    assert "of each network" in layers["layer_name"].attrs["comment"]
    assert layers["n_layers"].dims == ("depth", "dropout", "seed")
    for depth in (3, 5, 1):
        assert (layers["n_layers"].sel(depth=depth) == depth + 1).all()
        measured = layers["data_separation"].sel(depth=depth).notnull()
        assert measured.sum("layer").max() == depth + 1
    # The order of the shards is nobody's business.
    reference = assemble(description, runs, trees)
    assert content_hash(cube) == content_hash(reference)


def test_ragged_depth_as_files_give_it(tmp_path):
    """Names of layers come back from a file as text of variable length."""
    description = _description({"depth": [3, 5]}, (1,))
    runs = _runs(description)
    deep = {run["id"]: run["coordinates"]["depth"] + 1 for run in runs}
    read = []
    for run in runs:
        path = tmp_path / f"{run['id']}.zarr.zip"
        publish(_tree([run["id"]], deep[run["id"]]), path)
        read.append(open_datatree(path))
    for order in (read, read[::-1]):
        cube = assemble(description, runs, [tree.load() for tree in order])
        _check(cube, runs, set(deep), lambda run: deep[run["id"]])
        names = cube["layers"]["layer_name"]
        assert list(names.sel(depth=5).values) == list(_layer_names(6))
        assert list(names.sel(depth=3).values) == [*_layer_names(4), "", ""]
        publish(cube, tmp_path / "cube.zarr.zip")
        with open_datatree(tmp_path / "cube.zarr.zip") as again:
            assert again["layers/layer_name"].values.tolist() == names.values.tolist()


def test_networks_of_one_depth_may_have_layers_of_different_names():
    description = _description({"dropout": [0.1, 0.0], "family": ["mlp", "residual_mlp"]}, (1,))
    runs = _runs(description)
    ids = {
        family: [r["id"] for r in runs if r["coordinates"]["family"] == family]
        for family in ("mlp", "residual_mlp")
    }
    resnet = _tree(ids["residual_mlp"])
    names = ["input", "embedding", "residual_2", "logits"]
    renamed = resnet["layers"].to_dataset().assign_coords(layer_name=("layer", names))
    resnet["layers"].dataset = renamed
    cube = assemble(description, runs, [_tree(ids["mlp"]), resnet])
    _check(cube, runs, {run["id"] for run in runs})
    assert cube["layers/layer_name"].dims == ("family", "layer")
    assert cube["layers/layer_name"].sel(family="residual_mlp").values.tolist() == names
    assert cube["layers/layer_name"].sel(family="mlp").values.tolist() == _layer_names(4).tolist()


def test_affine_maps_of_different_networks_have_their_own_names():
    description = _description({"family": ["mlp", "residual_mlp"]}, (1,))
    runs = _runs(description)
    names = {"mlp": ["layer_1", "layer_2", "layer_3"], "residual_mlp": ["layer_1", "shortcut"]}
    trees = []
    for run in runs:
        own = names[run["coordinates"]["family"]]
        tree = _tree([run["id"]])
        tree["/affine"] = xr.Dataset(
            {"norm": (("run", "affine"), np.ones((1, len(own)), "f4"), UNITLESS)},
            coords={
                "affine": np.arange(len(own)),
                "affine_name": ("affine", np.array(own, dtype=object)),
                "affine_kind": ("affine", np.array(["dense"] * len(own), dtype=object)),
                "affine_layer": ("affine", np.arange(1, len(own) + 1)),
                "main_path": ("affine", np.array([name != "shortcut" for name in own])),
            },
        )
        trees.append(tree)
    cube = assemble(description, runs, trees)
    node = cube["affine"].to_dataset()
    assert node["norm"].dims == ("family", "seed", "affine")
    residual = node.sel(family="residual_mlp")
    assert residual["affine_name"].values.tolist() == ["layer_1", "shortcut", ""]
    assert residual["main_path"].values.tolist() == [True, False, False]
    assert residual["affine_layer"].values.tolist() == [1, 2, -1]
    assert node["affine_kind"].sel(family="mlp").values.tolist() == ["dense"] * 3
    assert np.isfinite(residual["norm"].isel(seed=0)).values.tolist() == [True, True, False]
    # Networks of one kind share their names.
    alone = assemble(_description({"family": ["mlp"]}, (1,)), runs[:1], trees[:1])
    assert alone["affine/affine_name"].dims == ("affine",)


def test_a_shard_of_several_depths_says_how_long_each_run_is():
    """Probes of several depths share a shard, padded to the longest; nobody asks for that one."""
    description = _description({"depth": [2, 1]}, (1,))
    runs = [{"id": f"run{d}", "coordinates": {"depth": d, "seed": 1}} for d in (2, 1)]
    tree = _tree(["run2", "extra9", "run1"], 10)
    tree.dataset = tree.to_dataset().assign(n_layers=("run", np.array([3, 10, 2], "f4"), UNITLESS))
    cube = assemble(description, runs, [tree])
    assert cube["n_layers"].sel(seed=1, depth=[1, 2]).values.tolist() == [2, 3]
    assert "n_layers" not in cube["layers"].data_vars
    deep, shallow = (cube["layers/layer_name"].sel(depth=d).values for d in (2, 1))
    assert deep.tolist() == [*_layer_names(10)[:3], *[""] * 7]
    assert shallow.tolist() == [*_layer_names(10)[:2], *[""] * 8]


def test_the_order_of_measurements_does_not_show():
    description = _description({"negative_slope": [0.0, 1.0], "dropout": [0.0, 0.1]})
    runs = _runs(description)
    ids = [run["id"] for run in runs]
    parts = [ids[:3], ids[3:4], ids[4:]]
    hashes = {
        content_hash(assemble(description, runs, [_tree(list(part)[::-1]) for part in order])).root
        for order in itertools.permutations(parts)
    }
    assert len(hashes) == 1


def test_attributes_say_what_and_from_what():
    description = _description({"data_noise": [0.1, 0.0]})
    description["noise_kind"] = "static"
    cube = assemble(description, _runs(description), [_tree([r["id"] for r in _runs(description)])])
    assert cube.attrs["title"] == "A cube" and cube.attrs["experiment"] == "x"
    assert cube.attrs["Conventions"].startswith("CF-")
    assert (cube.attrs["dataset_source"], cube.attrs["n_train"]) == ("digits", 64)
    assert json.loads(cube.attrs["settings"]) == description["settings"]
    assert cube["seed"].attrs == {"long_name": "seed of everything", "units": "1"}
    assert cube["data_noise"].attrs["noise_kind"] == "static"
    assert "drawn once" in cube["data_noise"].attrs["long_name"]
    for node in cube.subtree:
        for name, variable in node.variables.items():
            assert variable.attrs.get("long_name"), f"{node.path} {name}"
            assert variable.dtype.kind in "OTU" or name == "status" or variable.attrs.get("units")


def test_a_cube_says_which_axes_it_has(tmp_path):
    description = _description({"negative_slope": [0.0], "dropout": [0.0, 0.1]})
    description["axes"]["dropout"]["paths"] = [["model", "dropout"], ["noise", "input_noise"]]
    runs = _runs(description)
    publish(assemble(description, runs, [_tree([r["id"] for r in runs])]), tmp_path / "x.zarr.zip")
    with open_datatree(tmp_path / "x.zarr.zip") as cube:
        assert cube.attrs["axes"] == "negative_slope dropout"
        assert grid_axes(cube) == ("negative_slope", "dropout")
        assert cube["dropout"].attrs[VARIES] == "model.dropout noise.input_noise"
        assert not any(VARIES in cube[name].attrs for name in ("seed", "layers/layer"))


def test_axes_need_no_table():
    """An axis the package has never heard of is assembled from what is said of it."""
    description = _description({"wobble": [2, 1]})
    description["axes"]["wobble"] |= {"units": "hertz", "symbol": "ω"}
    cube = assemble(description, _runs(description), [])
    told = {"long_name": "wobble", "units": "hertz", "symbol": "ω", VARIES: "model.wobble"}
    assert cube["wobble"].attrs == told


def test_what_has_no_value_for_missing_is_refused():
    description = _description({"dropout": [0.0]})
    tree = _tree([run["id"] for run in _runs(description)])
    tree.dataset = tree.to_dataset().assign(steps=("run", np.arange(2)))
    with pytest.raises(StoreError, match=r"'steps'.*no value for missing"):
        assemble(description, _runs(description), [tree])
    tree = _tree([run["id"] for run in _runs(description)])
    tree.dataset = tree.to_dataset().assign(constant=3.0)
    with pytest.raises(StoreError, match="'constant' has no run dimension"):
        assemble(description, _runs(description), [tree])


def test_plain_xarray_reads_a_cube_with_every_coordinate_named(tmp_path):
    description = _description({"depth": [3, 5], "dropout": [0.0, 0.1]})
    runs = _runs(description)
    groups = [[r["id"] for r in runs if r["coordinates"]["depth"] == d] for d in (3, 5)]
    cube = assemble(description, runs, [_tree(groups[0], 4), _tree(groups[1], 6)])
    publish(cube, tmp_path / "x.zarr.zip")
    program = """
import sys
import xarray as xr, zarr
store = zarr.storage.ZipStore(sys.argv[1], mode="r")
cube = xr.open_datatree(store, engine="zarr", consolidated=False)
assert "layeratlas" not in sys.modules
for node in cube.subtree:
    for name, variable in node.data_vars.items():
        for dim in variable.dims:
            assert dim in node.coords, (node.path, name, dim)
            assert node[dim].attrs["long_name"], dim
assert cube["layers/layer_name"].sel(depth=3).values.tolist()[3:] == ["logits", "", ""]
cell = cube["layers/data_separation"].sel(depth=3, dropout=0.1, seed=1)
beyond = cell.isel(layer=5).isnull().all()
print(float(cell.isel(epoch=1, batch_norm_mode=0, layer=2)), bool(beyond))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "x.zarr.zip"],
        capture_output=True,
        text=True,
        check=True,
    )
    run = next(r["id"] for r in runs if r["coordinates"] == {"depth": 3, "dropout": 0.1, "seed": 1})
    expected = float(_numbers(run, 4)["data_separation"][1, 0, 2])
    assert done.stdout.split() == [str(expected), "True"]


def test_moments_that_shards_do_not_share_lie_at_their_labels():
    """By place instead of label, epoch 4 of the longer training was called epoch 2."""
    description = _description({"dropout": [0.0, 0.5]}, (1,))
    runs = _runs(description)
    trees = []
    for run, epochs in zip(runs, [(0, 2), (0, 4)], strict=True):
        tree = _tree([run["id"]])
        kept = {"epoch": np.array(epochs, dtype=np.int64)}
        for node in ("evaluation", "layers"):
            epoch = tree[node]["epoch"]
            moved = tree[node].to_dataset().assign_coords(epoch=epoch.copy(data=kept["epoch"]))
            tree[node] = xr.DataTree(moved)
        trees.append(tree)
    cube = assemble(description, runs, trees)
    accuracy = cube["evaluation/accuracy"].isel(seed=0)
    assert accuracy["epoch"].values.tolist() == [0, 2, 4]
    assert accuracy["epoch"].attrs["long_name"] == "epoch"
    for i, (run, last) in enumerate(zip(runs, (2, 4), strict=True)):
        mine = accuracy.isel(dropout=i)
        numbers = _numbers(run["id"], 4)["accuracy"]
        np.testing.assert_array_equal(mine.sel(epoch=[0, last]), numbers)
        assert mine.sel(epoch=6 - last).isnull().all()
