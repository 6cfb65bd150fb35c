"""What a cube of points says of its boundary."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from made.planes import Runs, line
from made.point_cubes import point_cube

from layeratlas.errors import LayerAtlasError
from layeratlas.refining.results import Found


@pytest.fixture(scope="module")
def cube() -> xr.DataTree:
    return point_cube()


def test_points_have_their_generation_seeds_and_numbers(cube):
    node, root = cube["refined"].to_dataset(), cube.to_dataset()
    assert root["generation"].values.tolist() == [0] * 25 + [1] * 6
    assert ((node["asked_in"] >= 0).sum("seed") == 2).all()
    assert (np.isfinite(node["value"]) == (node["asked_in"] >= 0)).all()
    np.testing.assert_allclose(node["mean"], node["value"].mean("seed"), rtol=1e-12)
    assert node.attrs["runs"] == 62 and node.attrs["generations"] == 2
    assert (node["uncertainty"] > 0).all() and (node["standard_error"] > 0).all()
    assert all({"long_name", "units"} <= set(variable.attrs) for variable in node.values())


def test_what_was_found_is_found_again(cube):
    found = Found.of(cube)
    attributes = cube["refined"].attrs
    assert found.boundary.offset == attributes["offset"] and found.moved == attributes["moved"]
    assert found.counts.tolist() == [2] * 31 and found.plane.names == ("dropout", "negative_slope")
    (piece,) = found.line()
    # In values of the axes.
    x = line(401) * [0.28, 1.0]
    apart = np.abs(np.interp(piece[:, 0], *x.T) - piece[:, 1])
    assert apart.mean() < 0.05


def test_the_last_generation_moved_the_line_and_of_one_alone_nothing_is_said(cube):
    assert 0 < cube["refined"].attrs["moved"] < 0.2
    alone = point_cube(later=0)
    assert "moved" not in alone["refined"].attrs and np.isnan(Found.of(alone).moved)


def test_points_without_a_number_are_no_part_of_it():
    found = Found.of(point_cube(lost=3))
    assert found.surface.samples.kept.tolist() == list(range(3, 31))
    assert np.isnan(found.values[:3]).all()


def test_a_quantity_that_is_nan_everywhere_is_refused_in_one_sentence():
    with pytest.raises(LayerAtlasError, match=r"'convexity_index' is NaN at 31 of the 31 points"):
        point_cube(lost=31)


def test_a_cube_of_a_grid_has_no_boundary():
    plain = xr.DataTree(xr.Dataset({"status": ("seed", [0])}))
    with pytest.raises(LayerAtlasError, match="no node 'refined'"):
        Found.of(plain)


def test_the_same_values_give_the_same_node():
    one, other = point_cube(Runs(draw=4)), point_cube(Runs(draw=4))
    xr.testing.assert_identical(one["refined"].to_dataset(), other["refined"].to_dataset())
