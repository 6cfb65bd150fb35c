"""The figure `nfc_phase_diagram` shows what its cubes hold, and can be read."""

from __future__ import annotations

import numpy as np
from made.beyond import theories_cube

from layeratlas import papers
from layeratlas.figures import style


def drawn(cubes=None):
    return papers.draw("nfc_phase_diagram", cubes or {"four_theories": theories_cube()})


def line(figure, gid):
    (found,) = figure.findobj(match=lambda a: a.get_gid() == gid)
    return found


def test_maps_have_most_noise_at_the_top():
    figure = drawn()
    shown = line(figure, "c_nfc").get_array()
    assert shown.shape == (4, 3)
    np.testing.assert_allclose(shown, 0.8, atol=1e-6)
    axes = figure.axes[0]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["0.3", "0.2", "0.1", "0"]
    assert axes.yaxis_inverted()
    np.testing.assert_allclose(line(figure, "beyond_turned").get_array(), 0.2, atol=1e-6)


def test_a_lost_cell_is_empty():
    shown = line(drawn({"four_theories": theories_cube(status=(0, 0, 1))}), "uc_nfc").get_array()
    assert shown.mask.sum() == 1 and shown.mask[3, 0]


def test_the_note_tells_the_spread_of_seeds():
    cube = theories_cube(uc_nfc=lambda u, k, s: 0.5 + 0.1 * s)
    told = style.noted(drawn({"four_theories": cube}))
    assert "in the median (at most) 0.07 (0.07), 0.00 (0.00), 0.00 (0.00) in a, b, c" in told
    alone = drawn({"four_theories": theories_cube(seeds=1)})
    assert "standard deviation" not in style.noted(alone)
