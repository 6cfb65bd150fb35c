"""A cube of points on an even grid."""

from __future__ import annotations

import numpy as np
import pytest
from made.planes import wave
from made.point_cubes import PLANE, point_cube

from layeratlas.errors import LayerAtlasError
from layeratlas.refining.gridding import to_grid


def test_values_are_those_of_the_quantity_within_their_error():
    grid = to_grid(point_cube(), (12, 9))
    assert dict(grid.sizes) == {"negative_slope": 9, "dropout": 12}
    x, y = np.meshgrid(grid["dropout"] / 0.28, grid["negative_slope"])
    exact = wave(np.stack([x.ravel(), y.ravel()], axis=1)).reshape(9, 12)
    away = np.abs(grid["value"].values - exact)
    assert (away <= 3 * grid["error"].values).mean() > 0.95 and away.max() < 0.2
    assert "long_name" in grid["dropout"].attrs and grid.attrs["level"] == 0


def test_where_the_boundary_may_be_is_told_in_standard_deviations():
    grid = to_grid(point_cube(), 24)
    np.testing.assert_allclose(grid["standardised"], grid["value"] / grid["error"])
    within = (np.abs(grid["standardised"]) <= grid.attrs["band"]).values.mean()
    assert 0.05 < within < 0.5


def test_ends_are_the_plane_s_and_ratios_are_even_on_a_logarithmic_axis():
    plane = {"learning_rate": [1e-4, 1e-1], "negative_slope": [0.0, 1.0]}
    grid = to_grid(point_cube(plane=plane, log=["learning_rate"]), 7)
    rates = grid["learning_rate"].values
    np.testing.assert_allclose(rates[[0, -1]], plane["learning_rate"])
    np.testing.assert_allclose(rates[1:] / rates[:-1], 10**0.5)
    assert to_grid(point_cube(), 3)["dropout"].values.tolist() == [0, 0.14, PLANE["dropout"][1]]


def test_a_grid_is_none_already():
    with pytest.raises(LayerAtlasError, match="refined"):
        to_grid(point_cube().drop_nodes("refined"))
