"""What the figure of scalings draws."""

from __future__ import annotations

import numpy as np
import pytest
from made.shifted import bump, correlations, held

from layeratlas.papers.signal_propagation.figures.scalings import alignment_under_scalings
from layeratlas.papers.signal_propagation.scaled import EXPERIMENT

L = 10


def test_profiles_peaks_and_what_missed_the_mark(made_cube):
    profiles = {"kaiming": 0.2 * bump(L, 4, 2, 4), "ntk": 0.1 * bump(L, 5, 2, 4)}
    variables = {
        "alignment": {(name,): held(p) for name, p in profiles.items()},
        "alignment_null": {(name,): held(np.full(L, 0.01)) for name in profiles},
    }
    for name, value in correlations(0.3, L).items():
        variables[name] = {(scaling,): value for scaling in profiles}
    reached = np.ones((2, 3, 3))
    reached[1, 0, 1] = 0
    cube = made_cube(variables, {"scaling": list(profiles)}, reached=reached)
    figure = alignment_under_scalings({EXPERIMENT: cube}, {})
    drawn = {line.get_gid(): line for axes in figure.axes for line in axes.lines}
    np.testing.assert_allclose(drawn["train:kaiming"].get_ydata(), profiles["kaiming"], rtol=1e-4)
    np.testing.assert_allclose(drawn["relative:ntk"].get_ydata(), 10 * profiles["ntk"], rtol=1e-4)
    assert drawn["relative:ntk"].get_linestyle() == "--"
    assert drawn["peaks:ntk"].get_xdata().tolist() == [5, 5, 5]
    assert drawn["empirical:ntk"].get_xdata()[0] == pytest.approx(1 + 9 * 0.7 / 1.7, rel=1e-5)
    (note,) = [text.get_text().replace("\n", " ") for text in figure.texts]
    assert "NTK 1 of 3" in note and "Kaiming" not in note
