"""Numbers that decide: what is missing never counts in favour."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from layeratlas.papers.nfa.claims import deciding

SEEDS = xr.DataArray([1.0, 2.0, 6.0], dims="seed")


def test_of_all_of_them():
    assert deciding.mean(SEEDS, "so") == (3.0, 3, "seeds: 1.000, 2.000, 6.000; so")
    assert deciding.largest(SEEDS) == (6.0, 3, "") and deciding.smallest(SEEDS) == (1.0, 3, "")
    assert deciding.mean(xr.DataArray([[1.0, 3.0]], dims=("init_gain", "seed"))) == (2.0, 2, "")


def test_runs_are_those_behind_what_no_longer_tells_them_apart():
    layers = xr.DataArray(np.ones((2, 3, 4)), dims=("init_gain", "seed", "layer"))
    assert deciding.largest(layers)[1] == 6
    assert deciding.smallest(layers.mean("seed"), of=[layers])[1] == 6
    apart = layers[0] - layers[1]
    assert deciding.mean(apart, of=[layers[0], layers[1]]) == (0.0, 6, "")


@pytest.mark.parametrize("of", [deciding.mean, deciding.largest, deciding.smallest])
def test_one_that_is_missing_leaves_none(of):
    value, n, _ = of(SEEDS.where(SEEDS != 2))
    assert np.isnan(value) and n == 2
    assert deciding.told(SEEDS * np.nan) == ""
