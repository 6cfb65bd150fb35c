"""Lost runs are counted wherever they are, by what became of them."""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.cubes.population import lost_runs, lost_told, seeds
from layeratlas.runs.status import DIVERGED, EXPLODED, MISSING


def cube(status) -> xr.DataTree:
    return xr.DataTree(xr.Dataset({"status": (("dropout", "seed"), np.array(status, "i1"))}))


def test_every_run_that_is_not_ok_counts():
    some = cube([[0, DIVERGED, MISSING], [0, EXPLODED, EXPLODED]])
    assert (seeds(some), lost_runs(some)) == (3, {"diverged": 1, "missing": 1, "exploded": 2})
    assert lost_runs(cube([[0], [0]])) == {}
    assert lost_runs(cube([[0], [9]])) == {"status 9": 1}


def test_lost_runs_are_told_cube_by_cube():
    told = lost_told({"a": cube([[0, 1, 1]]), "b": cube([[0, 0]]), "c": cube([[3, 2, 4]])})
    assert told == (
        "left out of means: a 2 of 3 runs (2 diverged); c 3 of 3 runs "
        "(1 missing, 1 exploded, 1 spiked)"
    )
    assert lost_told({"b": cube([[0, 0]])}) == ""


def test_a_cube_without_runs_has_lost_none():
    assert lost_runs(xr.DataTree(xr.Dataset({"fit": 1.0}))) == {}
