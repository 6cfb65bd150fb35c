"""Reductions of trainings: what finished, and the best learning rate."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from made.turned import backwards

from layeratlas.papers.feature_speed.trainings import (
    FROZEN,
    along_training,
    optimal_learning_rate,
    training_loss,
)

RATES = 2.0 ** np.arange(-2, 8)


def test_the_optimum_is_the_vertex_of_a_parabola():
    for middle in (0.9, 3.0, 20.0):
        loss = xr.DataArray(
            np.exp(0.3 * np.log(RATES / middle) ** 2), dims="learning_rate",
            coords={"learning_rate": RATES},
        )  # fmt: skip
        assert float(optimal_learning_rate(loss)) == pytest.approx(middle)
        # The order of the grid does not matter, and uneven steps do not either.
        uneven = loss.isel(learning_rate=[9, 7, 5, 4, 3, 2, 0])
        assert float(optimal_learning_rate(uneven)) == pytest.approx(middle)


def test_an_optimum_at_an_end_is_none_and_beside_a_divergence_is_the_grid_s():
    def best(values):
        loss = xr.DataArray(values, dims="learning_rate", coords={"learning_rate": [1, 2, 4, 8]})
        return float(optimal_learning_rate(loss))

    assert np.isnan(best([1, 2, 3, 4])) and np.isnan(best([4, 3, 2, 1]))
    assert np.isnan(best([np.nan] * 4))
    assert best([3, 2, 1, np.nan]) == 4
    assert best([3, 1, np.nan, np.nan]) == 2
    assert best([2, 1, 1, 2]) == pytest.approx(2 * 2**0.5)


def test_losses_and_metrics_are_those_of_finished_runs(transfer, speeds):
    cube = transfer({"fsc": 0.0}, lost=((0, 1, 2, 0),))["learning_rate_transfer"]
    loss = training_loss(cube)
    assert int(np.isnan(loss).sum()) == 1
    assert np.isnan(loss.sel(scaling="fsc", depth=8, learning_rate=1.0, seed=1))
    cubes = speeds()
    speed = along_training(cubes[FROZEN[0]], "feature_velocity")
    assert speed.dtype == float and "epoch" in speed.dims


def test_numbers_come_in_ascending_order(transfer, speeds):
    cube = transfer({"ntk": 0.1, "fsc": 0.0})["learning_rate_transfer"]
    xr.testing.assert_identical(training_loss(backwards(cube)), training_loss(cube))
    cube = speeds()[FROZEN[0]]
    for name in ("feature_velocity", "sensitivity"):
        xr.testing.assert_identical(
            along_training(backwards(cube), name), along_training(cube, name)
        )
