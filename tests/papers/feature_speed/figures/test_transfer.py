"""Figure of learning-rate transfer, read back from its artists."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas import papers
from layeratlas.figures import style


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


def test_curves_end_where_they_only_tell_of_divergence(transfer):
    cubes = transfer({"ntk": -0.5, "fsc": 0.0}, start=0.5)
    figure = papers.draw("learning_rate_transfer", cubes)
    drawn = {line.get_gid(): line for line in figure.axes[0].lines}
    (loss,) = (bars.lines[0].get_ydata() for bars in figure.axes[0].containers[:1])
    assert "best:4" in drawn
    finite = loss[np.isfinite(loss)]
    assert 0 < len(finite) < len(loss)
    assert finite.max() <= 2 * finite[0] * 1.2
    assert "twice that of the smallest step" in style.noted(figure)
