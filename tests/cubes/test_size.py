"""What is too small for a statement is told from the cube."""

from __future__ import annotations

import json

import pytest
import xarray as xr

from layeratlas.cubes.size import too_small


def cube(images=None, long=None, **coords) -> xr.DataTree:
    attributes = {"preset": "smoke"}
    if images is not None:
        attributes["n_train"] = images
    if long is not None:
        attributes["settings"] = json.dumps({"training": {"epochs": long}})
    return xr.DataTree(xr.Dataset(coords=coords, attrs=attributes))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (cube(640, 30), "640 training images, 30 epochs; the statement is about at least 1000, "
         "at least 100"),
        (cube(1000, 30), "30 epochs; the statement is about at least 100"),
        (cube(999, 100), "999 training images; the statement is about at least 1000"),
    ],
)  # fmt: skip
def test_what_a_cube_lacks_is_told(given, told):
    assert too_small(given, images=1000, epochs=100) == f"trained on too little: {told}"


@pytest.mark.parametrize(
    "given",
    [
        cube(1000, 100),
        cube(),
        cube("many", "long"),
        cube(10, 10, n_train=[10, 1000], epochs=[10, 100]),
    ],
)
def test_what_is_enough_or_not_told_is_not_too_small(given):
    assert too_small(given, images=1000, epochs=100) is None


def test_of_an_axis_the_largest_counts():
    given = cube(5000, 500, n_train=[10, 20])
    assert "20 training images" in (too_small(given, images=1000) or "")
    assert too_small(given, epochs=100) is None
