"""The figure `nfa_initialisation` shows what its cubes hold, and can be read."""

from __future__ import annotations

import numpy as np
from made.beyond import start_cubes

from layeratlas import papers


def drawn(cubes=None):
    return papers.draw("nfa_initialisation", cubes or start_cubes())


def line(figure, gid):
    (found,) = figure.findobj(match=lambda a: a.get_gid() == gid)
    return found


def test_predictions_and_points():
    figure = drawn()
    solid = line(figure, "MLP, digits, width 128,finite_width").get_ydata()
    dotted = line(figure, "MLP, digits, width 128,turned").get_ydata()
    np.testing.assert_allclose(solid, dotted, atol=1e-5)
    dashed = line(figure, "MLP, digits, width 128,mean_field").get_ydata()
    assert dashed[0] > solid[0] + 0.05
    note = line(figure, "note").get_text().replace("\n", " ")
    assert "Not shown at this preset: nfa_initialisation_digits, nfa_initialisation_cnn" in note
