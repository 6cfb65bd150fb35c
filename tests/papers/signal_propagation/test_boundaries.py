"""Where the peak leaves the first layer."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from made.point_cubes import refine_of
from made.shifted import correlations, held

from layeratlas.infinite_width.crossing import crossing_of
from layeratlas.infinite_width.relu import Rectifier
from layeratlas.papers.signal_propagation.boundaries import crossing_at_first, peak_beyond_first

L = 10


@pytest.fixture
def cube(made_cube) -> xr.DataTree:
    """Peaks at layer 1, at layer 4, and where alignment is nothing."""
    shapes = {0.0: np.linspace(0.4, 0.1, L), 0.4: np.r_[0.1, 0.2, 0.3, 0.5, np.full(L - 4, 0.2)],
              1.0: np.zeros(L)}  # fmt: skip
    variables: dict = {}
    for slope, shape in shapes.items():
        for name, value in {"alignment": held(shape), **correlations(0.3, L)}.items():
            variables.setdefault(name, {})[slope,] = value
    return made_cube(variables, {"negative_slope": list(shapes)})


def test_its_sign_says_whether_the_peak_is_the_first_layer(cube):
    found = peak_beyond_first(cube).mean("seed").squeeze(drop=True)
    second = 0.4 - 0.3 / 9
    expected = [np.log(second / 0.4), np.log(5.0), np.nan]
    np.testing.assert_allclose(found.sel(negative_slope=[0.0, 0.4, 1.0]), expected, rtol=1e-4)


def test_the_line_is_the_slope_where_the_crossing_comes_to_the_first_layer(cube):
    plane = {"dropout": [0.0, 0.28], "negative_slope": [0.0, 1.0]}
    told = json.dumps(refine_of(plane=plane))
    cube["refined"] = xr.DataTree(xr.Dataset(attrs={"refine": told}))
    ((_, across, up),) = crossing_at_first(cube)
    assert across.tolist() == [0.0, 0.28] and up[0] == up[1]
    cosine = 0.3
    before, after = (
        float(crossing_of(Rectifier(up[0] + step), cosine, L)) for step in (-0.01, 0.01)
    )
    assert before > 1.0 == after


def test_without_the_slope_among_the_axes_there_is_no_line(cube):
    assert crossing_at_first(cube) == []
    plane = {"dropout": [0.0, 0.28], "width": [10, 20]}
    told = json.dumps(refine_of(plane=plane))
    cube["refined"] = xr.DataTree(xr.Dataset(attrs={"refine": told}))
    assert crossing_at_first(cube) == []
