"""Uniformity against accuracy, read back from its points."""

from __future__ import annotations

import numpy as np
import pytest
from made.readable import check_readable, drawn, note
from made.synthetic import turned_all

from layeratlas.cubes import selecting


def test_every_cell_is_a_point_and_its_rank_is_told(draw_networks, grids):
    figure = draw_networks("load_uniformity", grids["6x8"])
    (axes,) = figure.axes
    clouds = {
        cloud.get_gid(): cloud
        for cloud in axes.collections
        if str(cloud.get_gid()).startswith("cells:")
    }
    assert sorted(clouds) == [f"cells:{letter}" for letter in "abcd"]
    points = clouds["cells:a"].get_offsets()
    assert points.shape == (48, 2)
    best = points[np.argmax(points[:, 1])]
    assert best[0] < 0.08
    assert best[1] == pytest.approx(92.1, abs=0.01)
    told = [text.get_text() for text in figure.legends[0].get_texts()]
    assert "−0.86" in told[0]
    assert "−0.90" in told[2]
    assert "(a 48, b 48, c 48, d 48 cells)" in note(figure)
    assert len({tuple(cloud.get_facecolor()[0]) for cloud in clouds.values()}) == 4


def test_bars_are_the_spread_over_seeds(draw_networks, grids):
    figure = draw_networks("load_uniformity", grids["3x4"])
    cube = grids["3x4"]["phase_diagram_data_noise"]
    across, up = figure.axes[0].containers[0].lines[2]
    runs = selecting.accuracy(cube).std("seed", ddof=1)
    lengths = [np.ptp(segment[:, 1]) for segment in up.get_segments()]
    np.testing.assert_allclose(sorted(lengths), np.sort(2 * runs.values.ravel()), rtol=1e-4)
    # A distance ends at 0.
    assert min(segment[:, 0].min() for segment in across.get_segments()) >= 0
    assert "Bars: ± standard deviation over seeds." in note(figure)
    one = draw_networks("load_uniformity", grids["2x2"])
    assert not one.axes[0].containers
    assert "Bars" not in note(one)


def test_lost_cells_are_no_points(draw_networks, broken):
    figure = draw_networks("load_uniformity", broken)
    (cloud,) = (c for c in figure.axes[0].collections if c.get_gid() == "cells:b")
    assert np.isfinite(np.asarray(cloud.get_offsets())).all(axis=1).sum() == 11
    assert "No point where no seed is left." in note(figure)
    assert "phase_diagram_learning_rate 4 of 36 runs (4 diverged)" in note(figure)


def test_everything_diverged_still_draws(draw_networks, grids, all_lost):
    figure = draw_networks("load_uniformity", all_lost(grids["2x2"]))
    figure.canvas.draw()


@pytest.mark.parametrize("grid", ["6x8", "3x4", "2x2"])
def test_no_text_overlaps_or_leaves_the_page(draw_networks, grids, grid):
    check_readable(draw_networks("load_uniformity", grids[grid]))


def test_the_order_in_which_noise_is_stored_changes_no_byte(draw_networks, broken):
    ours, theirs = (
        drawn(draw_networks("load_uniformity", cubes)) for cubes in (broken, turned_all(broken))
    )
    assert ours == theirs
