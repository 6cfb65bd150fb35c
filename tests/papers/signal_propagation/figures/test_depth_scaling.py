"""The figure of peaks over depth shows the numbers of the cubes."""

from __future__ import annotations

import numpy as np

from layeratlas import papers
from layeratlas.papers.signal_propagation.depths import series


def test_points_lines_and_guides(made_cubes):
    cubes = made_cubes()
    left, right = papers.draw("equilibrium_depth_scaling", cubes).axes[:2]
    one = series(cubes)[0]
    for axes, name in ((left, "peak"), (right, "centroid")):
        lines = {line.get_gid(): line for line in axes.lines}
        np.testing.assert_allclose(
            lines["mean_field,alignment_fashion_mnist"].get_ydata(),
            [4.6, 6.4, 8.1, 11.0],
            atol=0.06,
        )
        np.testing.assert_allclose(axes.containers[0].lines[0].get_ydata(), one.of(name))
        x, y = lines["guide: slope 0.6"].get_xdata(), lines["guide: slope 0.6"].get_ydata()
        np.testing.assert_allclose(np.log(y[1] / y[0]) / np.log(x[1] / x[0]), 0.6)


def test_depths_without_a_run_are_told(made_cubes):
    reached = np.ones((4, 3, 2))
    reached[3, :, 1] = 0
    figure = papers.draw(
        "equilibrium_depth_scaling", made_cubes(alignment_mnist={"reached": reached})
    )
    (note,) = (text for text in figure.texts if text.get_gid() == "note")
    assert "No run came to the mark: MNIST, L = 30." in note.get_text().replace("\n", " ")


def test_two_depths_have_neither_line_nor_slope(made_cubes):
    few = {"depths": (10, 20)}
    cubes = made_cubes(
        alignment_fashion_mnist=few, alignment_mnist=few, alignment_cifar10=few | {"seeds": 1}
    )
    figure = papers.draw("equilibrium_depth_scaling", cubes)
    lines = {line.get_gid(): line for line in figure.axes[0].lines}
    assert not [gid for gid in lines if str(gid).startswith("guide")]
    assert lines["mean_field,alignment_mnist"].get_linestyle() == "None"
    (legend,) = figure.legends
    assert not [text for text in legend.get_texts() if "slope" in text.get_text()]
    # Of one seed there is no spread: the third data set's bars have no length.
    segments = figure.axes[0].containers[2].lines[2][0].get_segments()
    assert not any(len(one) for one in segments)
