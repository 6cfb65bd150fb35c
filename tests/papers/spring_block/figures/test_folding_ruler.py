"""The ruler opens as the springs of the cube do."""

from __future__ import annotations

import numpy as np
import pytest
from made.readable import check_readable, drawn, line, note, panels
from made.synthetic import turned_all

from layeratlas.cubes import selecting

NAMES = ("folding_ruler",)


@pytest.mark.parametrize("name", NAMES)
def test_texts_are_apart_and_on_the_page(draw, name):
    check_readable(draw(name))


@pytest.mark.parametrize("name", NAMES)
def test_the_note_says_what_is_drawn(draw, name):
    text = note(draw(name))
    assert "preset smoke" in text.lower()
    assert "$L$ = " in text
    assert "10 000 steps" in text or "14 000 steps" in text


def test_ruler_segments_keep_their_length_and_open_as_the_springs(draw, simulated):
    figure = draw("folding_ruler")
    cube = simulated.cube("folding_ruler")
    D = selecting.recorded(cube, "spring_separation").isel(seed=0)
    shown = panels(figure)
    assert [axes.get_title() for axes in shown[:4]] == [
        "step 100", "step 500", "step 2\u2009000", "step 10\u2009000",
    ]  # fmt: skip
    lengths = set()
    for axes, noise in ((shown[3], 0.0), (shown[7], 0.15)):
        for segment in range(1, 11):
            (x0, y0), (x1, y1) = line(axes, f"ruler:{noise:g}:10000:{segment}").get_xydata()
            here = D.sel(noise_strength=noise, step=10_000)
            opened = float(here.sel(layer=segment - 1) - here.sel(layer=segment))
            assert x1 - x0 == pytest.approx(opened, abs=1e-6)
            lengths.add(round(float(np.hypot(x1 - x0, y1 - y0)), 4))
    assert len(lengths) == 1
    assert "stand-in" in note(figure)


@pytest.mark.parametrize("name", NAMES)
def test_lost_runs_leave_gaps_and_no_error(draw, all_lost, simulated, synthetic, name):
    draw(name, **all_lost(simulated.cubes(name, synthetic))).canvas.draw()


@pytest.mark.parametrize("name", NAMES)
def test_the_order_in_which_noise_is_stored_changes_no_byte(draw, simulated, synthetic, name):
    cubes = simulated.cubes(name, synthetic)
    assert drawn(draw(name, **turned_all(cubes))) == drawn(draw(name, **cubes))
