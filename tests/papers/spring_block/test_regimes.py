"""The four regimes are cells of the experiments, found by value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from layeratlas.config.experiment import load_experiment
from layeratlas.errors import LayerAtlasError
from layeratlas.papers.spring_block.regimes import BATCH_NORM_MODE, REGIMES, at_cell, lacking

EXPERIMENTS = Path(__file__).parents[3] / "config/experiments"


@pytest.mark.parametrize("preset", ["smoke", "laptop", "paper"])
def test_every_preset_runs_the_four_regimes(preset):
    for name, part in (("network_trajectories", "network"), ("spring_trajectories", "chain")):
        e = load_experiment(name, preset, EXPERIMENTS)
        for regime in REGIMES:
            for axis, value in getattr(regime, part).items():
                assert np.isclose(e.grid[axis], value).any(), (name, axis, value)
        if part == "network":
            assert BATCH_NORM_MODE in e.measure.batch_norm_modes


def curves(dropout):
    values = np.arange(len(dropout) * 2 * 3.0).reshape(len(dropout), 2, 3)
    return xr.DataArray(
        values,
        dims=("dropout", "moment", "layer"),
        coords={"dropout": np.array(dropout, "f4")},
    )


def test_a_cell_is_found_by_value_in_any_order_and_precision():
    for dropout in ((0.0, 0.28), (0.28, 0.0)):
        here = at_cell(curves(dropout), {"dropout": 0.28})
        assert here.dims == ("moment", "layer")
        np.testing.assert_array_equal(here, curves(dropout)[dropout.index(0.28)])


def test_what_is_not_there_is_told():
    array = curves((0.0, 0.2))
    assert lacking(array, {"dropout": 0.2}) == []
    assert lacking(array, {"dropout": 0.28, "negative_slope": 0.0}) == [
        "dropout 0.28", "negative_slope 0"
    ]  # fmt: skip
    with pytest.raises(LayerAtlasError, match=r"need dropout 0\.28; the grid has \["):
        at_cell(array, {"dropout": 0.28})
    with pytest.raises(LayerAtlasError, match="negative_slope 0; the grid has no such axis"):
        at_cell(array, {"negative_slope": 0.0})
