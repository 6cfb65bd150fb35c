"""The figure of three networks draws one of each."""

from __future__ import annotations

from made.convolutional import vgg_cube

from layeratlas.papers.signal_propagation.figures.baratin_hierarchy import baratin_hierarchy


def test_a_panel_a_network_with_both_views_and_the_start():
    names = ("alignment_vgg", "alignment_resnet", "alignment_mnist")
    cubes = {name: vgg_cube(peak=at) for name, at in zip(names, (3, 5, 7), strict=True)}
    figure = baratin_hierarchy(cubes, {})
    for axes, peak in zip(figure.axes, (3, 5, 7), strict=True):
        lines = {line.get_gid(): line for line in axes.lines}
        assert {"train", "test", "start"} <= set(lines)
        assert lines["train"].get_ydata().argmax() == peak - 1
