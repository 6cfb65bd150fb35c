"""Reproduced against published, read back from its points."""

from __future__ import annotations

import numpy as np
import pytest
from made.readable import check_readable, drawn, note
from made.synthetic import turned_all

NAME = "phase_diagram_fidelity"


def test_published_cells_lie_on_the_identity(draw_networks, grids):
    figure = draw_networks(NAME, grids["6x8"])
    for axes in figure.axes:
        for cloud in axes.collections:
            points = np.asarray(cloud.get_offsets())
            assert points.shape == (48, 2)
            np.testing.assert_allclose(points[:, 0], points[:, 1], atol=1e-3)
        assert axes.get_xlim() == axes.get_ylim()
    told = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert told[0].startswith("a data noise")
    assert "0.000" in told[0]
    assert "$r$ = 1.00" in told[1]
    assert "a 48 of 48, c 48 of 48" in note(figure)


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
