"""What the figure of the mean cosine draws."""

from __future__ import annotations

import numpy as np
import pytest
from made.shifted import bump, shift_cube

from layeratlas.papers.signal_propagation.figures.mean_cosine import mean_cosine_shift
from layeratlas.papers.signal_propagation.shifts import IMAGE, SHIFT

L = 12


@pytest.fixture
def figure(made_cube):
    reached = np.ones((1, 2, 3, 3))
    reached[0, 1, :, 1] = 0
    shifted = shift_cube(
        made_cube,
        {1.0: bump(L, 5, 2.0, 4.0), 3.0: bump(L, 4, 1.5, 4.0)},
        {1.0: 0.3, 3.0: 0.8},
        reached=reached,
    )
    image = shift_cube(made_cube, {1.0: bump(L, 6, 3.0, 4.0)}, {1.0: 0.0})
    return mean_cosine_shift({SHIFT: shifted, IMAGE: image}, {})


def lines(axes):
    return {line.get_gid(): line for line in axes.lines if line.get_gid()}


def test_profiles_are_relative_to_their_peak_and_dashed_below_the_mark(figure):
    drawn = lines(figure.axes[0])
    np.testing.assert_allclose(drawn["profile:s = 1"].get_ydata(), bump(L, 5, 2, 4), rtol=1e-4)
    assert drawn["profile:s = 1"].get_linestyle() == "-"
    assert drawn["profile:s = 3"].get_linestyle() == "--"


def test_the_crossing_falls_with_the_cosine(figure):
    crossing = lines(figure.axes[1])["mean_field"]
    assert crossing.get_xdata() == pytest.approx([0, 0.3, 0.8], abs=1e-6)
    assert (np.diff(crossing.get_ydata()) < 0).all()


def test_the_note_says_what_missed_the_mark_and_what_was_derived(figure):
    (note,) = [text.get_text().replace("\n", " ") for text in figure.texts]
    assert "3 of 9 runs missed the mark" in note and "derived here" in note
