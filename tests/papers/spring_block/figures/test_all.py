"""What holds for every figure that chains are drawn in."""

from __future__ import annotations

import pytest
from made.readable import check_readable, drawn, note
from made.synthetic import turned_all

NAMES = (
    "first_order_chain",
    "second_order_chain",
    "folding_ruler",
    "lazy_active",
    "trajectories",
    "spring_phase_diagram",
    "two_phase_diagrams",
)


@pytest.mark.parametrize("name", NAMES)
def test_texts_are_apart_and_on_the_page(draw, name):
    check_readable(draw(name))


@pytest.mark.parametrize("name", NAMES)
def test_the_note_says_what_is_drawn(draw, name):
    text = note(draw(name))
    assert "smoke" in text.lower()
    assert "$L$ = " in text
    assert "10 000 steps" in text or "14 000 steps" in text


@pytest.mark.parametrize("name", NAMES)
def test_lost_runs_leave_gaps_and_no_error(draw, all_lost, simulated, synthetic, name):
    draw(name, **all_lost(simulated.cubes(name, synthetic))).canvas.draw()


@pytest.mark.parametrize("name", NAMES)
def test_the_order_in_which_noise_is_stored_changes_no_byte(draw, simulated, synthetic, name):
    cubes = simulated.cubes(name, synthetic)
    assert drawn(draw(name, **turned_all(cubes))) == drawn(draw(name, **cubes))
