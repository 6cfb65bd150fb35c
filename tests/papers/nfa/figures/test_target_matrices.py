"""Fig. 1 shows the matrices of one run beside the target's."""

from __future__ import annotations

import numpy as np
from made.correlated import chain_cubes, matrices_cube

from layeratlas import papers
from layeratlas.papers.nfa import chain
from layeratlas.papers.nfa.figures.target_matrices import scale_shown


def test_four_matrices_of_the_small_scale_and_their_correlations():
    cubes = chain_cubes()
    figure = papers.draw("nfa_fig01", cubes)
    panels = figure.axes[:4]
    target = chain.egop(8, 5)
    shown = [axes.images[0].get_array() for axes in panels]
    np.testing.assert_allclose(shown[0], target / target.max())
    left = target + 0.75 * np.eye(8)
    np.testing.assert_allclose(shown[1], left / left.max())
    np.testing.assert_allclose(shown[3], left[::-1] / left.max())
    assert "= 0.920\u00a0±\u00a00.000" in panels[2].get_xlabel()
    assert "= 0.520\u00a0±\u00a00.010" in panels[3].get_xlabel()


def test_the_nearest_scale_stands_for_one_that_is_not_there():
    assert scale_shown(matrices_cube()) == 0.25
    assert scale_shown(matrices_cube(scales=(0.125, 1.0, 2.0))) == 0.125
