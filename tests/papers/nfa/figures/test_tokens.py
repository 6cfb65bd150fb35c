"""Panel D has a panel a projection, and the loss beside what counts cost."""

from __future__ import annotations

import numpy as np
from made.image_cubes import image_cubes
from made.token_cubes import STEPS, token_cube

from layeratlas import papers
from layeratlas.papers.nfa.figures import tokens


def drawn():
    return papers.draw("nfa_fig02", image_cubes() | {"nfa_gpt": token_cube()})


def test_panels_show_what_the_cube_holds():
    figure = drawn()
    lines = {line.get_gid(): line for axes in figure.axes for line in axes.lines}
    inner = [STEPS[r] for r in ("step 1", "step 10", "final")]
    np.testing.assert_allclose(lines["D,2,value,c_nfc"].get_xdata(), inner)
    np.testing.assert_allclose(lines["D,2,value,c_nfc"].get_ydata(), 0.85)
    np.testing.assert_allclose(lines["D,1,query,start"].get_ydata(), 0.5)
    np.testing.assert_allclose(lines["loss,1"].get_ydata()[-1], 2.2)
    np.testing.assert_allclose(lines["unigram"].get_ydata(), 3.35)
    titles = [axes.get_title() for axes in figure.axes]
    assert "block 2, key" in titles and "block 1, value" in titles


def test_the_note_tells_the_error_of_the_estimate():
    assert "standard error of a correlation at most 0.007" in tokens.told(token_cube())
