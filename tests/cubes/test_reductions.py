"""The difference of two cubes."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from layeratlas.cubes.reductions import difference
from layeratlas.errors import StoreError


def cube(values, at, name="x") -> xr.DataTree:
    layers = xr.Dataset({name: ("dropout", values, {"long_name": "a number"})}, {"dropout": at})
    return xr.DataTree.from_dict({"/": xr.Dataset(coords={"dropout": at}), "/layers": layers})


def test_it_is_taken_where_both_have_numbers():
    made = difference({"a": cube([1.0, 2.0, np.nan], [0, 1, 2]), "b": cube([5.0, 7.0], [1, 2])})
    np.testing.assert_array_equal(made["layers/x"].values, [-3.0, np.nan])
    assert made["layers/x"].attrs["long_name"] == "difference of a number"
    assert made["layers"]["dropout"].values.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("cubes", "told"),
    [
        ({"a": cube([1.0], [0])}, "is of two cubes, got a"),
        ({"a": cube([1.0], [0]), "b": cube([1.0], [1])}, "a and b share no numbers"),
        ({"a": cube([1.0], [0]), "b": cube([1.0], [0], "y")}, "a and b share no numbers"),
    ],
)
def test_what_has_no_difference_is_refused(cubes, told):
    with pytest.raises(StoreError, match=told):
        difference(cubes)
