"""Lost runs are counted wherever they are."""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.papers.spring_block.population import lost_runs, lost_told, runs, seeds


def cube(status) -> xr.DataTree:
    return xr.DataTree(xr.Dataset({"status": (("dropout", "seed"), np.array(status, "i1"))}))


def test_diverged_and_missing_runs_count():
    some = cube([[0, 1, 2], [0, 0, 0]])
    assert (seeds(some), runs(some), lost_runs(some)) == (3, 6, 2)
    assert lost_told(some) == "2 of 6 runs diverged or missing"
    none = cube([[0], [0]])
    assert (seeds(none), runs(none), lost_runs(none)) == (1, 2, 0)
    assert lost_told(none) == ""
