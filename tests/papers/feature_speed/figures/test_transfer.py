"""Figure of learning-rate transfer, read back from its artists."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas import papers


def test_transfer_is_drawn_with_its_slopes(transfer):
    slopes = {"ntk": -0.5, "mf_mup": 0.0, "fsc": 0.4}
    figure = papers.draw("learning_rate_transfer", transfer(slopes))
    assert len(figure.axes) == 4
    labels = [text.get_text() for text in figure.axes[3].get_legend().get_texts()]
    assert labels == [
        "NTK: slope −0.50 ± 0.05",
        "MF+µP: slope +0.00 ± 0.05",
        "FSC: slope +0.40 ± 0.05",
    ]
    best = {line.get_gid(): line for axes in figure.axes for line in axes.lines}[
        "best:16"
    ].get_xdata()
    assert np.isfinite(best).all()


@pytest.mark.parametrize("slopes", [{"fsc": 0.0}, {"ntk": 0.0, "fsc": 0.1}])
def test_small_grids_are_drawn(transfer, slopes):
    figure = papers.draw("learning_rate_transfer", transfer(slopes, depths=(4, 8), seeds=1))
    assert len(figure.axes) == len(slopes) + 1
    figure.canvas.draw()


def test_optima_at_the_end_of_the_axis_are_told(transfer):
    figure = papers.draw("learning_rate_transfer", transfer({"fsc": 0.0}, start=1000.0))
    note = next(t.get_text() for t in figure.texts if t.get_gid() == "note").replace("\n", " ")
    assert "9 of 9 optima lie at an end of the axis" in note
