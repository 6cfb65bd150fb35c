"""The figure of a network's alignment along training draws what the cube holds."""

from __future__ import annotations

import pytest
from made.convolutional import redrawn_cube

from layeratlas.papers.signal_propagation.figures.kernels_along import baratin_alignment
from layeratlas.papers.signal_propagation.kernels_along import trainings


def test_alignment_of_the_network_and_the_time_of_memorising():
    cube = redrawn_cube()
    figure = baratin_alignment({"baratin_vgg": cube}, {})
    lines = {line.get_gid(): line for axes in figure.axes for line in axes.lines}
    for one in trainings(cube):
        for view in ("train", "test"):
            drawn = lines[f"network,{view},{one.noise:g}"]
            assert drawn.get_ydata() == pytest.approx(one.network("network_alignment", view))
    marks = [line for axes in figure.axes for line in axes.lines if line.get_gid() == "memorised"]
    assert len(marks) == 4 and {line.get_xdata()[0] for line in marks} == {520}
