"""Lost runs are counted wherever they are, by what became of them."""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.cubes.grid import VARIES
from layeratlas.cubes.population import count_runs, fewest_and_most, lost_runs, lost_told, seeds
from layeratlas.runs.status import DIVERGED, EXPLODED, MISSING


def cube(status) -> xr.DataTree:
    return xr.DataTree(xr.Dataset({"status": (("dropout", "seed"), np.array(status, "i1"))}))


def test_every_run_that_is_not_ok_counts():
    some = cube([[0, DIVERGED, MISSING], [0, EXPLODED, EXPLODED]])
    assert (seeds(some), lost_runs(some)) == (3, {"diverged": 1, "missing": 1, "exploded": 2})
    assert lost_runs(cube([[0], [0]])) == {}
    assert lost_runs(cube([[0], [9]])) == {"status 9": 1}


def test_seeds_that_a_point_was_not_asked_for_are_not_lost():
    status = cube([[0, DIVERGED, MISSING], [0, MISSING, MISSING]]).to_dataset()
    status = status.rename(dropout="point")
    asked = xr.Dataset({"asked_in": (("point", "seed"), np.array([[0, 0, -1], [1, 2, -1]]))})
    points = xr.DataTree.from_dict({"/": status, "/refined": asked})
    assert lost_runs(points) == {"diverged": 1, "missing": 1}
    assert "2 of 4 runs" in lost_told({"x": points})


def test_points_have_unequally_many_seeds_and_cells_of_a_grid_as_many():
    asked = xr.Dataset({"asked_in": (("point", "seed"), np.array([[0, 0, 1], [1, -1, -1]]))})
    root = xr.Dataset({"status": (("point", "seed"), np.zeros((2, 3), "i1"))})
    assert fewest_and_most(xr.DataTree.from_dict({"/": root, "/refined": asked})) == (1, 3)
    assert fewest_and_most(cube([[0, 0, MISSING]])) == (3, 3)
    assert fewest_and_most(xr.DataTree(xr.Dataset())) is None


def test_runs_are_counted_once_whatever_they_have_several_numbers_of():
    values = np.ones((2, 3, 5))
    values[0, 0], values[1, 2, 1:] = np.nan, np.inf
    layers = xr.DataArray(values, dims=("dropout", "seed", "layer"))
    # One run has no number, another one of five.
    assert count_runs(layers) == 5 == count_runs(layers.isel(layer=0))
    assert count_runs(layers.isel(layer=1)) == 4
    assert count_runs(layers.isel(dropout=1), layers.isel(dropout=0)) == 5
    assert count_runs(layers.isel(dropout=1, seed=0)) == 1 and count_runs() == 0


def test_axes_of_runs_are_those_that_the_cube_names():
    layers = xr.DataArray(np.ones((4, 3, 2)), dims=("layer", "seed", "dropout"))
    named = layers.assign_coords(dropout=("dropout", [0.0, 0.5], {VARIES: "model.dropout"}))
    assert count_runs(named) == 6
    # Without names those before the seed are taken for axes.
    assert count_runs(layers) == 12


def test_lost_runs_are_told_cube_by_cube():
    told = lost_told({"a": cube([[0, 1, 1]]), "b": cube([[0, 0]]), "c": cube([[3, 2, 4]])})
    assert told == (
        "left out of means: a 2 of 3 runs (2 diverged); c 3 of 3 runs "
        "(1 missing, 1 exploded, 1 spiked)"
    )
    assert lost_told({"b": cube([[0, 0]])}) == ""


def test_a_cube_without_runs_has_lost_none():
    assert lost_runs(xr.DataTree(xr.Dataset({"fit": 1.0}))) == {}
