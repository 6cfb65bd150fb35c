"""One colour a layer, and a bar that names them."""

from __future__ import annotations

import numpy as np
import pytest
from made.readable import labels

from layeratlas.figures import style
from layeratlas.papers.spring_block.figures.layers import layer_bar, layer_colours


def test_colours_differ_and_grow_lighter():
    colours = layer_colours(8)
    assert colours.shape == (8, 4)
    lightness = colours[:, :3] @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(lightness) > 0).all()
    assert lightness[-1] < 0.85  # not white


@pytest.mark.parametrize("first", [0, 1])
def test_the_bar_counts_from_the_first_layer(first):
    figure = style.new_figure(style.COLUMN, 2)
    layer_bar(figure, figure.subplots(), 4, "layer $l$", first=first)
    figure.canvas.draw()
    bar = figure.axes[1]
    assert labels(bar.yaxis) == [str(first + i) for i in range(4)]
    assert bar.get_ylabel() == "layer $l$"
