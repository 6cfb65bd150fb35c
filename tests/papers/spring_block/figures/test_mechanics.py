"""Springs keep their elongation, blocks their order, in a drawn chain."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.patches import Rectangle

from layeratlas.figures import style
from layeratlas.papers.spring_block.figures import mechanics
from layeratlas.papers.spring_block.figures.layers import layer_colours


def test_a_spring_goes_from_end_to_end():
    axes = style.new_figure(style.COLUMN, 2).subplots()
    mechanics.spring(axes, 1.0, 3.0, 0.5, height=0.2, turns=4, color="red")
    (coil,) = axes.lines
    x, y = coil.get_data()
    assert (x[0], x[-1]) == (1, 3)
    assert y[0] == y[-1] == 0.5
    assert (np.diff(x) > 0).all()
    assert np.ptp(y) == pytest.approx(0.4)
    assert coil.get_color() == "red"


@settings(max_examples=20)
@given(st.lists(st.floats(0, 0.3), min_size=2, max_size=7))
def test_blocks_stand_apart_by_the_elongations(elongations):
    positions = np.cumsum(elongations[:-1])
    target = float(positions[-1] + elongations[-1]) + 0.1
    axes = style.new_figure(style.COLUMN, 2).subplots()
    mechanics.chain(axes, positions, target, layer_colours(len(positions)))
    blocks = [
        patch for patch in axes.patches
        if isinstance(patch, Rectangle) and patch.get_hatch() is None
    ]  # fmt: skip
    assert len(blocks) == len(positions)
    left = np.array([block.get_x() for block in blocks])
    right = left + [block.get_width() for block in blocks]
    gaps = left - np.array([0.0, *right[:-1]])
    np.testing.assert_allclose(gaps, np.diff([0, *positions]), atol=1e-9)
