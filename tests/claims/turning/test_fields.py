"""Numbers of cubes by cell, layer and seed."""

from __future__ import annotations

import numpy as np
import pytest
from made import turnable

from layeratlas.claims.turning.fields import Place, fields_of, loaded, seeds_of, without_seed


@pytest.fixture
def field(cubes):
    return next(f for f in fields_of(loaded(cubes)) if f.name == "separation")


def test_a_place_is_a_cell_at_a_layer_and_its_unit_the_scatter_of_its_seeds(field, values):
    assert field.place_dims == ("data_noise", "negative_slope", "layer")
    assert field.axes == ("data_noise", "negative_slope")
    np.testing.assert_allclose(field.mean, values.mean(2))
    np.testing.assert_allclose(field.unit, values.std(2, ddof=1))
    place = Place(field, (1, 2, 3))
    assert place.labels == {"data_noise": 0.1, "negative_slope": 1.0, "layer": 3}
    assert field.is_by_seeds.all()


def test_of_one_seed_the_unit_is_the_scatter_of_the_cells(values):
    one = turnable.cube(values).isel(seed=[0])
    field = next(f for f in fields_of(loaded({"grid": one})) if f.name == "separation")
    assert not field.is_by_seeds.any()
    expected = values[:, :, 0].std((0, 1))
    np.testing.assert_allclose(field.unit, np.broadcast_to(expected, field.shape))


def test_runs_that_are_not_ok_do_not_count(values):
    lost = turnable.cube(values, lost=(0, 0, 1))
    field = next(f for f in fields_of(loaded({"grid": lost})) if f.name == "separation")
    np.testing.assert_allclose(field.mean[0, 0], values[0, 0, [0, 2]].mean(0))
    assert field.n[0, 0].tolist() == [2] * turnable.LAYERS


def test_bookkeeping_is_no_measurement(cubes, values):
    cube = cubes[turnable.EXPERIMENT].copy()
    counts = cube["layers/separation"].isel(layer=0) * 0 + 5
    cube["layers"].dataset = cube["layers"].to_dataset(inherit=False).assign(n_layers=counts)
    assert {f.name for f in fields_of(loaded({"grid": cube}))} == {"separation", "unread"}


def test_a_seed_is_left_out(cubes):
    assert seeds_of(cubes) == [1, 2, 3]
    assert seeds_of(without_seed(cubes, 2)) == [1, 3]
    one = without_seed(without_seed(cubes, 1), 2)
    assert seeds_of(without_seed(one, 3)) == [3], "the last one stays"
