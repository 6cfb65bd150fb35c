"""Trajectories of networks and springs, read back from their lines."""

from __future__ import annotations

import numpy as np
import pytest
from made.readable import check_readable, drawn, labels, line, note
from made.synthetic import turned_all

from layeratlas.errors import LayerAtlasError
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.regimes import BATCH_NORM_MODE

NAMES = ("trajectories",)


@pytest.mark.parametrize("name", NAMES)
def test_texts_are_apart_and_on_the_page(draw, name):
    check_readable(draw(name))


@pytest.mark.parametrize("name", NAMES)
def test_the_note_says_what_is_drawn(draw, name):
    text = note(draw(name))
    assert "preset smoke" in text.lower()
    assert "$L$ = " in text
    assert "10 000 steps" in text or "14 000 steps" in text


def test_trajectories_show_batch_statistics_layer_by_layer(draw, simulated):
    figure = draw("trajectories")
    panels = {axes.get_title("left"): axes for axes in figure.axes if axes.get_title("left")}
    assert sorted(panels) == [f"{letter}{side}" for letter in "abcd" for side in "12"]
    cube = simulated.network_trajectories()
    D = load_curves.load_curve(cube, batch_norm_mode=BATCH_NORM_MODE, keep_epochs=True)
    b1 = D.sel(negative_slope=0.0, dropout=0.28)
    for layer in range(8):
        epochs, values = line(panels["b1"], f"layer:{layer}").get_xydata().T
        np.testing.assert_array_equal(epochs, np.arange(31))
        np.testing.assert_allclose(values, b1.sel(layer=layer), rtol=1e-6)
    steps, wall = line(panels["c2"], "layer:0").get_xydata().T
    assert steps[-1] == 10_000
    assert (wall == 1).all()
    assert "batch statistics" in note(figure)
    assert labels(panels["a1"].xaxis)[0] == "0"


def test_a_missing_regime_is_told(draw, simulated):
    cube = simulated.cube("spring_trajectories", seeds=2, grid={
        "friction_right": (0.10, 0.05), "noise_strength": (0.0, 0.3),
    })  # fmt: skip
    with pytest.raises(LayerAtlasError, match=r"friction_right 0.02; the grid has"):
        draw("trajectories", spring_trajectories=cube)


@pytest.mark.parametrize("name", NAMES)
def test_lost_runs_leave_gaps_and_no_error(draw, all_lost, simulated, synthetic, name):
    draw(name, **all_lost(simulated.cubes(name, synthetic))).canvas.draw()


@pytest.mark.parametrize("name", NAMES)
def test_the_order_in_which_noise_is_stored_changes_no_byte(draw, simulated, synthetic, name):
    cubes = simulated.cubes(name, synthetic)
    assert drawn(draw(name, **turned_all(cubes))) == drawn(draw(name, **cubes))
