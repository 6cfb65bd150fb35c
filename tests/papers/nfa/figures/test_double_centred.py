"""Fig. 5 shows a layer a panel, a scale a line."""

from __future__ import annotations

import numpy as np
from made.correlated import STEPS, chain_cube, chain_cubes

from layeratlas import papers
from layeratlas.papers.nfa import chain
from layeratlas.papers.nfa.figures.double_centred import scales_shown


def test_lines_begin_at_0_and_end_at_1():
    figure = papers.draw("nfa_fig05", chain_cubes())
    for layer, axes in enumerate(figure.axes):
        lines = {line.get_gid(): line for line in axes.lines if line.get_gid()}
        for scale in (0.25, 1):
            x, y = lines[f"ratio_dc_c,{layer},{scale:g}"].get_data()
            inner = [step for step in STEPS.values() if 0 < step < 900]
            np.testing.assert_array_equal(x, inner)
            np.testing.assert_allclose(y, np.array(inner) / 900)
            np.testing.assert_allclose(lines[f"ratio_dc_c,{layer},{scale:g},final"].get_ydata(), 1)


def test_other_scales_stand_for_those_that_are_not_there():
    assert scales_shown(chain_cubes()[chain.GD]) == [0.25, 1.0]
    assert scales_shown(chain_cube(scales=(0.5, 2.0))) == [0.5, 2.0]
