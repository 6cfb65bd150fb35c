"""The figure `four_theories` shows what its cubes hold, and can be read."""

from __future__ import annotations

import numpy as np
from made.beyond import theories_cube

from layeratlas import papers
from layeratlas.figures import style


def drawn(cubes=None):
    return papers.draw("four_theories", cubes or {"four_theories": theories_cube()})


def line(figure, gid):
    (found,) = figure.findobj(match=lambda a: a.get_gid() == gid)
    return found


def test_profiles_ranks_and_the_control():
    figure = drawn()
    u = 5 / 12
    shown = line(figure, "nfc,0.5,0").get_ydata()
    np.testing.assert_allclose(shown, 0.8 + 0.1 * u * (np.arange(4) - 1.5), rtol=1e-5)
    degrees = line(figure, "angle,0.5,0").get_ydata()
    np.testing.assert_allclose(degrees, np.degrees(1.2 - 0.1 * u * np.arange(1, 5)), rtol=1e-5)
    assert line(figure, "load,alignment,tilts").get_xdata() == [1]
    assert line(figure, "nfc,angle,tilts").get_xdata() == [-1]
    low, high = line(figure, "load,alignment,tilts,shuffled").get_xdata()
    assert low == -high and 0.3 < high < 0.8


def test_lost_runs_are_drawn_around(assert_readable):
    assert_readable(drawn({"four_theories": theories_cube(status=(0, 0, 1))}))
    assert_readable(drawn({"four_theories": theories_cube(noises=(0.0, 0.3), seeds=1)}))


def test_the_note_tells_the_spread_of_seeds():
    cube = theories_cube(backward_feature_angle=lambda u, k, s: 1.0 + 0.1 * s)
    told = style.noted(drawn({"four_theories": cube}))
    assert (
        "in the median (at most) 0.00 (0.00), 0.00 (0.00), 0.00 (0.00), 4.05 (4.05) in a to d"
        in told
    )
