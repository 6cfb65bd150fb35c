"""What is asked of the n of every paper's claims (`made.counted`) is met by runs alone."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from made.counted import wrong_counts

from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.grid import VARIES
from layeratlas.cubes.population import count_runs
from layeratlas.runs.status import OK


def cube() -> xr.DataTree:
    """4 cells × 3 seeds × 5 layers."""
    axes = {"dropout": ("dropout", [0.0, 0.1, 0.2, 0.3], {VARIES: "model.dropout"})}
    coords = {**axes, "seed": np.arange(3)}
    status = xr.Dataset({"status": (("dropout", "seed"), np.full((4, 3), OK))}, coords)
    x = np.random.default_rng(0).normal(size=(4, 3, 5))
    layers = xr.Dataset({"x": (("dropout", "seed", "layer"), x)}, coords)
    return xr.DataTree.from_dict({"/": status, "/layers": layers})


def judged(count):
    """A function of claims whose n is `count` of what is known of the runs."""

    def judge(cubes):
        (cube,) = cubes.values()
        known = cube["layers"]["x"].where(cube["status"] == OK)
        ledger = Ledger("f", "source")
        value = float(known.mean())
        ledger.decide("1", "s", "t", ">", -1, lambda: (value, int(count(known)), ""))
        return ledger.claims

    return judge


def test_runs_are_what_it_asks_for():
    assert wrong_counts(judged(count_runs), {"a": cube()}) == []


@pytest.mark.parametrize(
    "count",
    [
        lambda x: x.notnull().sum(),
        lambda x: x.notnull().any(("dropout", "layer")).sum(),
        lambda x: x.notnull().any(("seed", "layer")).sum(),
        lambda x: x.notnull().any(("dropout", "seed")).sum(),
        lambda x: x.sizes["dropout"] * x.sizes["seed"],
        lambda x: x.sizes["seed"],
        lambda x: 1,
        lambda x: 0,
    ],
    ids=["numbers", "seeds", "cells", "layers", "size of the grid", "all seeds", "one", "none"],
)
def test_what_counts_something_else_is_found(count):
    assert wrong_counts(judged(count), {"a": cube()})
