"""Quantities of a cube of points."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from layeratlas.errors import LayerAtlasError
from layeratlas.kinds.quantities import QUANTITIES
from layeratlas.refining import quantities
from layeratlas.refining.quantities import lost, values_of
from layeratlas.tables import resolve


@pytest.fixture
def cube() -> xr.DataTree:
    status = np.array([[0, 1], [2, 3], [0, 0]], np.int8)
    accuracy = np.array([[0.5, 0.9], [0.1, 0.2], [0.7, 0.8]], np.float32)
    root = xr.Dataset({"status": (("point", "seed"), status)}, coords={"seed": [3, 4]})
    node = xr.Dataset({"test_accuracy": (("point", "seed"), accuracy)})
    return xr.DataTree.from_dict({"/": root, "/evaluation": node})


def gives(monkeypatch, function):
    monkeypatch.setattr(quantities, "resolve", lambda reference: function)


def test_runs_that_were_not_asked_for_are_neither_lost_nor_kept(cube):
    np.testing.assert_array_equal(lost(cube), [[0, 1], [np.nan, 1], [0, 0]])


def test_accuracy_is_a_fraction_and_nan_of_lost_runs(cube):
    found = quantities.test_accuracy(cube)
    np.testing.assert_allclose(found, [[0.5, np.nan], [np.nan, np.nan], [0.7, 0.8]], rtol=1e-6)


def test_a_number_of_each_point_counts_once(cube, monkeypatch):
    gives(monkeypatch, lambda cube: xr.DataArray([1.0, np.inf, 3.0], dims="point"))
    found = values_of(cube, "mine.py:own", "own")
    np.testing.assert_array_equal(found, [[1, np.nan], [np.nan, np.nan], [3, np.nan]])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (1.5, "gave float"),
        (xr.DataArray([1.0], dims="layer"), "over layer"),
        (xr.DataArray(1.0), "over nothing"),
    ],
)
def test_what_is_no_number_of_each_run_is_refused(cube, monkeypatch, given, words):
    gives(monkeypatch, lambda cube: given)
    with pytest.raises(LayerAtlasError, match=words):
        values_of(cube, "mine.py:own", "own")


@pytest.mark.parametrize("name", list(QUANTITIES))
def test_every_registered_quantity_is_there(name):
    quantity = QUANTITIES[name]
    assert callable(resolve(quantity.function))
    assert quantity.theory is None or callable(resolve(quantity.theory))
