"""What the figure over noise and nonlinearity draws."""

from __future__ import annotations

import numpy as np
from made.shifted import bump, correlations, held

from layeratlas.papers.signal_propagation.figures.noise_grid import alignment_phase_diagram
from layeratlas.papers.signal_propagation.noise_grid import EXPERIMENT

L, SLOPES, NOISES = 10, (0.0, 0.4, 1.0), (0.0, 0.2)


def test_maps_have_relu_at_the_top_and_the_crossing_apart(made_cube):
    variables: dict = {}
    for a, peak in zip(SLOPES, (5, 4, 3), strict=True):
        for p in NOISES:
            values = {
                "alignment": held(0.2 * bump(L, peak + 5 * p, 2, 4)),
                "alignment_null": held(np.full(L, 0.02)),
                **correlations(0.3, L),
            }
            for name, value in values.items():
                variables.setdefault(name, {})[a, p] = value
    cube = made_cube(variables, {"negative_slope": SLOPES, "dropout": NOISES})
    figure = alignment_phase_diagram({EXPERIMENT: cube}, {})
    peaks = figure.axes[0].images[0].get_array()
    assert peaks[:, :2].tolist() == [[6, 5], [5, 4], [4, 3]]
    assert peaks.mask[:, 2].all()
    np.testing.assert_allclose(peaks[:2, 3], [4.63, 4.15], atol=0.05)
    assert peaks.mask[2, 3]
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == ["0.2", "0", "", "$l^*$"]
    lines = {line.get_gid(): line for line in figure.axes[3].lines}
    assert lines["peak:0"].get_ydata().tolist() == [5, 4, 3]
    (note,) = [text.get_text().replace("\n", " ") for text in figure.texts]
    assert "Batch norm" in note and "outside that theory" in note
