"""Axes are told from other dimensions by what the cube says, whatever these are called."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from layeratlas.cubes.assembling import assemble
from layeratlas.cubes.grid import VARIES, grid_axes
from layeratlas.cubes.selecting import accuracy, node_of, recorded
from layeratlas.runs.status import STATUS_ATTRIBUTES

GRID = {"scaling": ["ntk", "fsc"], "dropout": [0.1, 0.0]}


@pytest.fixture(scope="module")
def cube() -> xr.DataTree:
    """With a measured dimension `direction` that the code has not met."""
    points = [(s, d, seed) for s in GRID["scaling"] for d in GRID["dropout"] for seed in (1, 2)]
    runs = [
        {"id": f"{i}", "coordinates": {"scaling": s, "dropout": d, "seed": seed}}
        for i, (s, d, seed) in enumerate(points)
    ]
    n = len(runs)
    root = xr.Dataset(
        {
            "run_id": ("run", np.array([run["id"] for run in runs], dtype=object)),
            "status": ("run", np.zeros(n, "i1"), STATUS_ATTRIBUTES),
        }
    )
    spectrum = xr.Dataset(
        {"curvature": (("run", "direction"), np.random.default_rng(0).random((n, 5)))},
        coords={"direction": ("direction", np.arange(5), {"long_name": "direction"})},
    )
    evaluation = xr.Dataset({"test_accuracy": ("run", np.ones(n, "f4"))})
    tree = {"/": root, "/spectrum": spectrum, "/evaluation": evaluation}
    description = {
        **dict.fromkeys(("title", "summary", "references", "name", "preset"), "x"),
        **dict.fromkeys(("noise_kind", "dataset"), None),
        "settings": {},
        "grid": GRID,
        "axes": {
            axis: {
                "long_name": axis,
                "units": "1",
                "symbol": "",
                "text": axis == "scaling",
                "paths": [["model", axis]],
            }
            for axis in GRID
        },
        "seed": {"long_name": "seed"},
        "seeds": [1, 2],
    }
    return assemble(description, runs, [xr.DataTree.from_dict(tree)])


def unmarked(cube: xr.DataTree) -> xr.DataTree:
    """The cube as earlier versions wrote it."""
    nodes = {}
    for node in cube.subtree:
        dataset = node.to_dataset(inherit=False).copy()
        for name in dataset.coords:
            dataset[name].attrs.pop(VARIES, None)
        dataset.attrs.pop("axes", None)
        nodes[node.path] = dataset
    return xr.DataTree.from_dict(nodes)


@pytest.mark.parametrize("written", [lambda cube: cube, unmarked], ids=["marked", "unmarked"])
def test_an_unknown_dimension_is_no_axis(cube, written):
    cube = written(cube)
    assert grid_axes(cube) == ("scaling", "dropout")
    assert grid_axes(cube["spectrum"]) == ("scaling", "dropout")
    assert grid_axes(cube["/"].to_dataset()) == ("scaling", "dropout")
    curvature = recorded(cube, "curvature")
    assert curvature.dims == ("scaling", "dropout", "seed", "direction")
    assert grid_axes(curvature) == ("scaling", "dropout")
    # `direction` is left when the axes are gone.
    assert grid_axes(curvature.mean("seed")) == ("scaling", "dropout")
    assert grid_axes(curvature.mean(["seed", "dropout"])) == ("scaling",)
    assert grid_axes(curvature.sel(scaling="ntk").max(["seed", "dropout"])) == ()


def test_marks_outlive_what_one_does_with_arrays(cube):
    curvature = recorded(cube, "curvature").mean("seed")
    other = 2 * curvature
    for array in (
        np.log(curvature) - 1,
        curvature - other.isel(scaling=[1, 0]),
        curvature.where(curvature > 0.5),
        xr.where(curvature > 0.5, curvature, other),
        curvature.sortby("dropout", ascending=False),
        curvature.transpose("direction", ...),
        xr.concat([curvature, curvature], "direction"),
        xr.Dataset({"a": curvature, "b": accuracy(cube).mean("seed")}),
        xr.apply_ufunc(np.subtract, curvature, other),
    ):
        assert set(grid_axes(array)) == {"scaling", "dropout"}


def test_a_group_opened_alone_and_a_cube_without_facts(cube):
    alone = unmarked(cube)["spectrum"].to_dataset(inherit=False)
    assert grid_axes(alone) == ("scaling", "dropout")
    assert grid_axes(alone["curvature"]) == ("scaling", "dropout")
    # As cubes of fits: the root has nothing but coordinates.
    bare = xr.DataTree.from_dict({"/": unmarked(cube).to_dataset()[["scaling", "dropout", "seed"]]})
    assert set(grid_axes(bare)) == {"scaling", "dropout"}
    assert grid_axes(xr.DataArray([1.0, 2.0], dims="direction")) == ()


def test_nodes_of_earlier_cubes_are_marked_and_the_cube_left_alone(cube):
    old = unmarked(cube)
    node = node_of(old, "spectrum")
    assert [axis for axis in node.coords if VARIES in node[axis].attrs] == ["scaling", "dropout"]
    assert VARIES not in old["dropout"].attrs
