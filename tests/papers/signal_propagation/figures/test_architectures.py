"""The figure of architectures draws what the cubes hold."""

from __future__ import annotations

import pytest
from made.convolutional import vgg_cube

from layeratlas.figures import style
from layeratlas.papers.signal_propagation.figures.architectures import architectures


def test_every_network_is_a_line_and_its_shortcuts_stand_beside():
    cubes = {"alignment_vgg": vgg_cube(), "alignment_resnet": vgg_cube(peak=6)}
    figure = architectures(cubes, {})
    assert len(figure.axes) == 4
    panel = figure.axes[2]
    lines = [line for line in panel.lines if line.get_gid() == "trained,9"]
    assert len(lines) == 2 and lines[0].get_ydata().argmax() == 5
    (diamonds, _) = [line for line in panel.lines if line.get_gid() == "shortcuts,9"]
    assert diamonds.get_xdata().tolist() == [1]
    assert diamonds.get_ydata() == pytest.approx([0.9])


def test_networks_that_missed_the_mark_are_shown_at_the_end_and_told():
    cubes = {"alignment_vgg": vgg_cube(reached=lambda record, **at: record != "mark_0.1")}
    figure = architectures(cubes, {})
    (texts,) = [figure.axes[0].get_legend().get_texts()]
    assert all(text.get_text().endswith("*") for text in texts)
    assert "*: at the end of training" in style.noted(figure)
