"""Reducing cubes to one: what the function gets, and what the cube says of itself."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr

from layeratlas.cubes.reducing import reduce_cubes
from layeratlas.errors import StoreError

DESCRIPTION = {
    "name": "gap",
    "preset": "smoke",
    "title": "A gap",
    "summary": "",
    "references": "me",
    "settings": {"reduction": {"function": "gap.py:gap", "of": ["a", "b"], "settings": {"by": 2}}},
}


def cubes() -> dict[str, xr.DataTree]:
    return {
        name: xr.DataTree(xr.Dataset({"value": ("seed", np.arange(3.0) * scale)}))
        for name, scale in (("a", 3), ("b", 1))
    }


def gap(cubes, by):
    first, second = (cube["value"] for cube in cubes.values())
    return ((first - second) * by).rename("gap")


@pytest.mark.parametrize("wrap", [lambda x: x, xr.DataArray.to_dataset,
                                  lambda x: xr.DataTree(x.to_dataset())])  # fmt: skip
def test_the_function_gets_the_cubes_in_order_and_its_settings(wrap):
    made = reduce_cubes(lambda cubes, by: wrap(gap(cubes, by)), cubes(), DESCRIPTION)
    np.testing.assert_array_equal(made["gap"].values, [0.0, 4.0, 8.0])


def test_the_cube_says_what_it_is():
    made = reduce_cubes(gap, cubes(), DESCRIPTION)
    assert made.attrs["reduced_from"] == "a b"
    assert made.attrs["title"] == "A gap" and made.attrs["experiment"] == "gap"
    assert json.loads(made.attrs["settings"]) == DESCRIPTION["settings"]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (3.0, "'gap.py:gap' gave float; it must give an xarray Dataset"),
        (xr.DataArray([1.0]), "gave an array without a name"),
        (xr.Dataset({"x": ("i", [])}), "variable 'x' has a dimension of length 0"),
    ],
)
def test_what_is_no_cube_is_refused(made, told):
    with pytest.raises(StoreError, match=told):
        reduce_cubes(lambda cubes, by: made, cubes(), DESCRIPTION)
