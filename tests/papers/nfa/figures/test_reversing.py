"""Fig. 3 shows predictions, observations, and one against the other."""

from __future__ import annotations

import numpy as np
from made.reversing_cubes import BALANCES, reversing_cube

from layeratlas import papers
from layeratlas.papers.nfa import reversing


def test_panels_show_what_the_cube_holds():
    cube = reversing_cube(off=0.01)
    figure = papers.draw("nfa_fig03", {reversing.EXPERIMENT: cube})
    found = reversing.correlations(cube)
    for axes, name in zip(figure.axes, ("predicted", "observed"), strict=False):
        lines = {line.get_gid(): line for line in axes.lines}
        np.testing.assert_array_equal(lines[f"{name},mean"].get_xdata(), BALANCES)
        np.testing.assert_allclose(lines[f"{name},mean"].get_ydata(), found[name].mean("draw_seed"))
        np.testing.assert_allclose(lines[f"{name},1"].get_ydata(), found[name].sel(draw_seed=1))
    points = figure.axes[2].containers[0].lines[0].get_xydata()
    np.testing.assert_allclose(points[:, 1] - points[:, 0], 0.01, rtol=1e-5)


def test_runs_that_were_lost_leave_panels_empty(assert_readable):
    assert_readable(papers.draw("nfa_fig03", {reversing.EXPERIMENT: reversing_cube(status=1)}))
