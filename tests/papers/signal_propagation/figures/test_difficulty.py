"""What the figure of easy and difficult examples draws."""

from __future__ import annotations

import numpy as np
from made.shifted import difficulty_cube

from layeratlas.papers.signal_propagation.difficulty import EXPERIMENT
from layeratlas.papers.signal_propagation.figures.difficulty import baratin_easy_difficult


def test_curves_are_means_over_seeds_and_over_their_null(made_cube):
    easy, hard, true = [0.02, 0.1, 0.2, 0.2, 0.2], [0.02, 0.02, 0.05, 0.1, 0.3], [0.02] * 5
    figure = baratin_easy_difficult({EXPERIMENT: difficulty_cube(made_cube, easy, hard, true)}, {})
    drawn = {line.get_gid(): line for axes in figure.axes for line in axes.lines}
    assert drawn["alignment:train"].get_xdata().tolist() == [0, 10, 20, 40, 80]
    np.testing.assert_allclose(drawn["alignment:difficult"].get_ydata(), hard, rtol=1e-5)
    np.testing.assert_allclose(drawn["ratio:train"].get_ydata(), 100 * np.array(easy), rtol=1e-5)
    np.testing.assert_allclose(
        drawn["accuracy:training"].get_ydata(), 100 * np.linspace(0.5, 1, 5), rtol=1e-5
    )
    assert drawn["half"].get_xdata()[0] == 40
    (note,) = [text.get_text().replace("\n", " ") for text in figure.texts]
    assert "40\u00a0%" in note and "chosen here" in note
