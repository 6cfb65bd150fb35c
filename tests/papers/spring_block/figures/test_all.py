"""What holds for every figure of the paper, and for those that chains are drawn in."""

from __future__ import annotations

import pytest
from made.counted import check_counts
from made.often import often
from made.readable import drawn, note
from made.rendered import WIDTHS, check_at_widths
from made.synthetic import turned_all

from layeratlas.claims.spread import MOST_GROUPS
from layeratlas.papers import PAPERS
from layeratlas.papers.spring_block import FIGURES
from layeratlas.papers.spring_block.panels import DIGITISED

NAMES = (
    "first_order_chain",
    "second_order_chain",
    "folding_ruler",
    "lazy_active",
    "trajectories",
    "spring_phase_diagram",
    "two_phase_diagrams",
)


@pytest.fixture(scope="module")
def cubes_of(simulated, synthetic, grids, fitted, sharp, cnn, poor_fits):
    """`cubes_of(name)`: cubes of a figure, on laptop's grids, with seeds that differ."""
    made = {
        "spring_fit": lambda: poor_fits,
        "spring_fit_trajectories": lambda: {"spring_fit_trajectories": fitted},
        "cnn_load_curves": lambda: {"cnn_cifar10": cnn()},
        "cnn_load_curves_reduced": lambda: {"cnn_cifar10_reduced": cnn(name="cnn_cifar10_reduced")},
        "sharpness": lambda: {"sharpness": sharp(seeds=3)},
    }

    def cubes(name):
        if name in made:
            return made[name]()
        needed = simulated.cubes(name, synthetic)
        return {key: grids["3x4"].get(key, cube) for key, cube in needed.items()}

    return cubes


@pytest.mark.parametrize("widths", WIDTHS)
@pytest.mark.parametrize("name", PAPERS["spring_block"])
def test_a_referee_finds_no_fault(cubes_of, synthetic, name, widths):
    check_at_widths(widths, name, cubes_of(name), {DIGITISED: synthetic.REFERENCE})


@pytest.mark.parametrize(
    "name",
    often(
        [e.name for e in FIGURES if e.claims],
        "phase_diagram",
        "first_order_chain",
        "cnn_load_curves",
    ),
)
def test_every_claim_counts_runs(cubes_of, synthetic, name):
    # Without noise all chains are alike, and one is looked at.
    alone = ("steady-inner", "steady-outer")
    # Statements on the mean of many chains need nearly all.
    groups = MOST_GROUPS if name.endswith("order_chain") else 3
    check_counts(name, cubes_of(name), {DIGITISED: synthetic.REFERENCE}, alone=alone, groups=groups)


@pytest.mark.parametrize("name", often(NAMES, "lazy_active", "folding_ruler"))
def test_the_note_says_what_is_drawn(draw, name):
    text = note(draw(name))
    assert "smoke" in text.lower()
    assert "$L$ = " in text
    assert "10 000 steps" in text or "14 000 steps" in text


@pytest.mark.parametrize("name", often(NAMES, "spring_phase_diagram", "folding_ruler"))
def test_lost_runs_leave_gaps_and_no_error(draw, all_lost, simulated, synthetic, name):
    draw(name, **all_lost(simulated.cubes(name, synthetic))).canvas.draw()


@pytest.mark.parametrize("name", often(NAMES, "spring_phase_diagram", "folding_ruler"))
def test_the_order_in_which_noise_is_stored_changes_no_byte(draw, simulated, synthetic, name):
    cubes = simulated.cubes(name, synthetic)
    assert drawn(draw(name, **turned_all(cubes))) == drawn(draw(name, **cubes))
