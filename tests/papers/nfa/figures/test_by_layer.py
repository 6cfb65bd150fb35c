"""A panel a layer: both correlations, and where the uncentred one began."""

from __future__ import annotations

import numpy as np
from made.image_cubes import image_cube
from matplotlib.figure import Figure

from layeratlas.papers.nfa import images
from layeratlas.papers.nfa.figures import by_layer


def test_lines_begin_after_the_first_epoch_and_the_dotted_one_before_it():
    cube = image_cube()
    found = {name: images.layered(cube, name) for name in by_layer.SHOWN}
    panels = Figure().subplots(1, 5)
    by_layer.epochs(panels, found, "x", "abcde")
    lines = {line.get_gid(): line for line in panels[2].lines}
    np.testing.assert_array_equal(lines["x,3,c_nfc"].get_xdata(), [1, 3, 7, 14])
    np.testing.assert_allclose(lines["x,3,c_nfc"].get_ydata(), 0.924, rtol=1e-6)
    np.testing.assert_allclose(lines["x,3,start"].get_ydata(), 0.57, rtol=1e-6)
    assert [axes.get_title() for axes in panels] == list("abcde")


def test_an_empty_panel_says_why():
    axes = Figure().subplots()
    by_layer.empty(axes, "nothing")
    assert axes.texts[0].get_text() == "nothing" and not axes.axison


def test_the_key_has_what_panels_show():
    assert [h.get_label() for h in by_layer.handles()] == [
        "UC-NFC", "C-NFC", "UC-NFC before training"
    ]  # fmt: skip
    assert len(by_layer.handles(start=False)) == 2
