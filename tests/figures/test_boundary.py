"""A boundary over its points, beside a plain grid."""

from __future__ import annotations

import numpy as np
import pytest
from made.planes import Runs, line
from made.point_cubes import point_cube

from layeratlas.figures import style, widths
from layeratlas.figures.boundary import band_of, boundary_figure
from layeratlas.figures.faults import faults
from layeratlas.refining.results import Found


@pytest.fixture(scope="module")
def cube():
    return point_cube()


def drawn(axes, gid: str):
    return [one for one in (*axes.lines, *axes.collections) if one.get_gid() == gid]


@pytest.mark.parametrize("width", [style.PAGE, style.COLUMN])
def test_a_referee_finds_nothing(cube, width):
    theory = [("theory", np.array([0.0, 0.28]), np.array([0.5, 0.5]))]
    figure = boundary_figure(cube, "convexity index of the load curve", r"\mathrm{CI}", theory)
    assert faults(widths.fit(figure, width)) == []


def test_line_points_and_theory_stand_where_they_are(cube):
    theory = [("theory", np.array([0.0, 0.28]), np.array([0.5, 0.5]))]
    left, right = boundary_figure(cube, "convexity index", theory=theory).axes[:2]
    exact = line(401) * [0.28, 1.0]
    for axes in (left, right):
        (one,) = drawn(axes, "boundary")
        x, y = one.get_xydata().T
        assert np.abs(np.interp(x, *exact.T) - y).mean() < 0.05
    assert len(drawn(left, "first")[0].get_offsets()) == 25
    assert len(drawn(left, "later")[0].get_offsets()) == 6
    assert drawn(left, "theory,theory")
    assert "5 × 5" in right.get_title("left")


def test_the_note_tells_runs_seeds_and_how_far_off(cube):
    told = style.noted(boundary_figure(cube, "convexity index"))
    found = Found.of(cube)
    assert "31 points in 2 generations, 62 runs, 2\u00a0seeds a point" in told
    assert f"off by {found.boundary.offset:.3f}" in told and "Preset laptop" in told


def test_of_no_boundary_it_is_said(cube):
    def above(places):
        return 2.0 + places[:, 0]

    figure = boundary_figure(point_cube(Runs(above)), "convexity index")
    assert "No boundary is seen" in style.noted(figure) and not drawn(figure.axes[0], "boundary")


def test_logarithmic_axes_are_drawn_as_such():
    plane = {"learning_rate": [1e-4, 1e-1], "negative_slope": [0.0, 1.0]}
    made = point_cube(plane=plane, log=["learning_rate"])
    axes = boundary_figure(made, "convexity index").axes[0]
    assert axes.get_xscale() == "log" and axes.get_xlim() == (1e-4, 1e-1)


def test_the_band_is_where_the_boundary_may_be(cube):
    found = Found.of(cube)
    x, y, away = band_of(found)
    inside = away <= found.boundary.band
    exact = np.interp(x[inside], *(line(401) * [0.28, 1.0]).T)
    assert 0.02 < inside.mean() < 0.5 and np.abs(exact - y[inside]).max() < 0.5
