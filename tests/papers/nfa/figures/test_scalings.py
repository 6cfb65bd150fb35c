"""The figure `nfc_under_scalings` shows what its cubes hold, and can be read."""

from __future__ import annotations

import numpy as np
from made.beyond import scaled_cube

from layeratlas import papers


def drawn(cubes=None):
    return papers.draw("nfc_under_scalings", cubes or {"nfc_under_scalings": scaled_cube()})


def line(figure, gid):
    (found,) = figure.findobj(match=lambda a: a.get_gid() == gid)
    return found


def test_a_curve_a_scaling():
    figure = drawn()
    np.testing.assert_allclose(line(figure, "c:mf_mup").get_ydata(), 0.902, rtol=1e-5)
    np.testing.assert_allclose(line(figure, "c:mf_mup,dotted").get_ydata(), 0.6, rtol=1e-5)
    np.testing.assert_allclose(line(figure, "uc:ntk,dotted").get_ydata(), 0.5, rtol=1e-5)


def test_scalings_that_missed_the_mark_are_named(assert_readable):
    figure = drawn(
        {
            "nfc_under_scalings": scaled_cube(
                reached=lambda record, scaling, **at: record != "mark_0.1" or scaling != "ntk"
            )
        }
    )
    assert_readable(figure)
    assert "runs missed that loss: NTK" in line(figure, "note").get_text().replace("\n", " ")
