"""Panels differ in colour and in marker."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_hex

from layeratlas.figures import style
from layeratlas.papers.spring_block.figures.panel_points import LOOKS, points
from layeratlas.papers.spring_block.panels import PANELS


def test_every_panel_has_a_look_of_its_own():
    assert list(LOOKS) == [panel.letter for panel in PANELS]
    for looks in zip(*LOOKS.values(), strict=True):
        assert len(set(looks)) == len(PANELS)


def test_points_are_drawn_in_the_look_of_their_panel():
    axes = style.new_figure(style.COLUMN, 2).subplots()
    points(axes, PANELS[2], np.arange(3.0), np.arange(3.0) ** 2, s=20, label="c")
    (cloud,) = axes.collections
    np.testing.assert_array_equal(cloud.get_offsets(), [[0, 0], [1, 1], [2, 4]])
    assert to_hex(cloud.get_facecolor()[0]) == LOOKS["c"][0]
    assert cloud.get_gid() == "cells:c"
    assert cloud.get_label() == "c"


def test_spreads_are_bars_where_they_are_known():
    axes = style.new_figure(style.COLUMN, 2).subplots()
    x = np.arange(3.0)
    points(axes, PANELS[0], x, x, x_spread=np.full(3, np.nan), y_spread=np.array([0.1, 0.2, 0.3]))
    (bars,) = axes.containers
    (up,) = bars.lines[2]
    np.testing.assert_allclose(
        np.ptp(np.array(up.get_segments())[:, :, 1], axis=1), [0.2, 0.4, 0.6]
    )
    points(axes, PANELS[1], x, x, x_spread=np.full(3, np.nan))
    assert len(axes.containers) == 1
