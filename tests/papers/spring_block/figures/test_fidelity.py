"""Reproduced against published, read back from its points."""

from __future__ import annotations

import numpy as np
import pytest
from made.readable import check_readable, drawn, note
from made.synthetic import turned_all

from layeratlas.papers.spring_block import load_curves

NAME = "phase_diagram_fidelity"


def test_published_cells_lie_on_the_identity(draw_networks, grids):
    figure = draw_networks(NAME, grids["6x8"])
    for axes in figure.axes:
        clouds = [c for c in axes.collections if str(c.get_gid()).startswith("cells:")]
        assert len(clouds) == 2
        for cloud in clouds:
            points = np.asarray(cloud.get_offsets())
            assert points.shape == (48, 2)
            np.testing.assert_allclose(points[:, 0], points[:, 1], atol=1e-3)
        assert axes.get_xlim() == axes.get_ylim()
    told = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert told[0].startswith("a data noise")
    assert "mean 0.000, worst 0.000" in told[0]
    assert "$r$ = 1.00" in told[1]
    assert "a 48 of 48, c 48 of 48" in note(figure)


def test_bars_are_the_spread_over_seeds(draw_networks, grids):
    figure = draw_networks(NAME, grids["3x4"])
    cube = grids["3x4"]["phase_diagram_data_noise"]
    runs = load_curves.convexity_index(load_curves.load_curve(cube, over=None))
    (up,) = figure.axes[0].containers[0].lines[2]
    lengths = [np.ptp(segment[:, 1]) for segment in up.get_segments()]
    spread = runs.std("seed", ddof=1).values.ravel()
    np.testing.assert_allclose(sorted(lengths), np.sort(2 * spread), rtol=1e-4)
    assert "Bars: ± standard deviation over seeds." in note(figure)
    assert "Bars" not in note(draw_networks(NAME, grids["2x2"]))


def test_it_compares_coinciding_cells_only(draw_networks, grids):
    figure = draw_networks(NAME, grids["3x4"])
    assert "a 12 of 48, c 12 of 48" in note(figure)
    assert "smaller preset" in note(figure)
    assert "smaller preset" not in note(draw_networks(NAME, grids["6x8"]))


@pytest.mark.parametrize("grid", ["6x8", "3x4", "2x2"])
def test_no_text_overlaps_or_leaves_the_page(draw_networks, grids, grid):
    check_readable(draw_networks(NAME, grids[grid]))


def test_everything_diverged_still_draws(draw_networks, grids, all_lost):
    draw_networks(NAME, all_lost(grids["2x2"])).canvas.draw()


def test_the_order_in_which_noise_is_stored_changes_no_byte(draw_networks, broken):
    assert drawn(draw_networks(NAME, turned_all(broken))) == drawn(draw_networks(NAME, broken))
