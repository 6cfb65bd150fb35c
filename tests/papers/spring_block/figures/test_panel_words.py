"""Notes under four panels tell what is of which panel."""

from __future__ import annotations

import numpy as np
import xarray as xr
from made.readable import plain

from layeratlas.papers.spring_block.figures.panel_words import spread_told, told_by_letter


def test_values_by_letter():
    assert plain(told_by_letter({"a": "0.012", "c": "0.009"})) == "a 0.012, c 0.009"
    assert told_by_letter({}) == ""


def test_a_spread_is_told_as_the_median_and_the_worst_cell():
    seeds = xr.DataArray([-1.0, 0.0, 1.0], dims="seed")
    runs = seeds * xr.DataArray([0.01, 0.02, 0.05, np.nan], dims="cell")
    assert plain(spread_told(runs)) == "0.020 (0.050)"
    assert plain(spread_told(100 * runs, 1)) == "2.0 (5.0)"


def test_one_seed_or_no_finite_cell_has_no_spread():
    assert spread_told(xr.DataArray([[1.0], [2.0]], dims=("cell", "seed"))) == ""
    assert spread_told(xr.DataArray([[np.nan, np.nan]], dims=("cell", "seed"))) == ""
