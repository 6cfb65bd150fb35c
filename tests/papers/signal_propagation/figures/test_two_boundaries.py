"""Two boundaries in one plane, as they are drawn."""

from __future__ import annotations

import numpy as np
from made.planes import Runs, line
from made.point_cubes import point_cube

from layeratlas.figures import style
from layeratlas.papers.signal_propagation.figures.two_boundaries import two_boundaries


def lines_of(axes, gid: str) -> list[np.ndarray]:
    return [drawn.get_xydata() for drawn in axes.lines if drawn.get_gid() == gid]


def above(places):
    return 1.0 + 0.2 * places[:, 0]


def test_both_lines_stand_where_they_are_and_once_more_together():
    cubes = {"boundary_dropout": point_cube(),
             "boundary_alignment": point_cube(Runs(draw=1), "boundary_alignment")}  # fmt: skip
    figure = two_boundaries(cubes, {})
    panels = figure.axes[:3]
    exact = line(401) * [0.28, 1.0]
    for axes in panels[:2]:
        (drawn,) = lines_of(axes, "boundary")
        assert np.abs(np.interp(drawn[:, 0], *exact.T) - drawn[:, 1]).mean() < 0.05
    assert len(lines_of(panels[2], "boundary")) == 2
    assert not lines_of(panels[2], "theory")
    # Abscissa and ordinate are those of the experiments.
    assert panels[0].get_xlabel() == style.axis_label("dropout")
    assert panels[0].get_ylabel() == style.axis_label("negative_slope")
    assert panels[0].get_xlim() == (0, 0.28)


def test_a_boundary_that_is_nowhere_is_said_to_be():
    cubes = {"boundary_dropout": point_cube(),
             "boundary_alignment": point_cube(Runs(above), "boundary_alignment")}  # fmt: skip
    figure = two_boundaries(cubes, {})
    assert not lines_of(figure.axes[1], "boundary")
    said = [text.get_text() for text in figure.legends[0].get_texts()]
    assert said[1].endswith(": nowhere") and "no boundary" in style.noted(figure)
