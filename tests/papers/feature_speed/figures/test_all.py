"""What holds for every figure of the paper."""

from __future__ import annotations

import re

import numpy as np
import pytest
from made.counted import check_counts
from made.often import often
from made.rendered import WIDTHS, check_at_widths
from made.turned import backwards

from layeratlas import papers
from layeratlas.figures import style
from layeratlas.papers.feature_speed import FIGURES
from layeratlas.papers.feature_speed.trainings import TRANSFER
from layeratlas.runs.status import DIVERGED
from layeratlas.workflow.fingerprints import closure

NAMES = [entry.name for entry in FIGURES]
TABLES = [entry.name for entry in FIGURES if entry.table]
PROBED = [name for name in NAMES if name not in ("feature_speed_training", TRANSFER)]


def pixels(figure) -> np.ndarray:
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()).copy()


@pytest.fixture
def cubes(probed, speeds, transfer):
    """`cubes(figure)`: probed where probing is quick, made up where it would need training."""

    def of(name):
        if name == TRANSFER:
            return transfer({"ntk": -0.5, "mf_mup": 0.1, "fsc": 0.1})
        return speeds() if name == "feature_speed_training" else probed.cubes(name)

    return of


def test_the_paper_has_figures():
    assert len(PROBED) == 11 and len(TABLES) == 2


@pytest.mark.parametrize("widths", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_a_referee_finds_no_fault(cubes, name, widths):
    check_at_widths(widths, name, cubes(name))


@pytest.mark.parametrize("name", often(NAMES, "bfa_layer", "bfa_depth", "hp_resnet"))
def test_every_claim_counts_runs(cubes, name):
    about_the_first_draw = {
        "bafu_layer_mlp": ("no-more-than-total", "equal-at-2", "total-larger"),
        "bafu_layer_resnet": ("no-more-than-total", "equal-at-2", "stays-aligned"),
    }
    check_counts(name, cubes(name), alone=about_the_first_draw.get(name, ()))


@pytest.mark.parametrize("name", PROBED)
def test_the_number_of_draws_is_told(draw, name):
    assert re.search(r"n = \d+ draws?", style.noted(draw(name)).replace("\u00a0", " "))


@pytest.mark.parametrize("name", often(NAMES, "bfa_layer", "bfa_depth", "hp_resnet"))
def test_the_order_of_stored_axes_does_not_show(cubes, name):
    given = cubes(name)
    turned = {experiment: backwards(cube) for experiment, cube in given.items()}
    np.testing.assert_array_equal(
        pixels(papers.draw(name, turned)), pixels(papers.draw(name, given))
    )


@pytest.mark.parametrize("entry", FIGURES, ids=NAMES)
def test_a_figure_imports_its_own_module_and_no_other_of_its_paper(entry):
    """Or an edit of one figure would draw another again."""
    room = "layeratlas.papers.feature_speed.figures."
    shared = {f"{room}looks", f"{room}notes"}
    own = entry.function.partition(":")[0]
    used = {name for name in closure(own) if name.startswith(room)}
    assert used - shared == {own}
    assert not any(name.startswith("layeratlas.papers.spring_block") for name in closure(own))


@pytest.mark.parametrize("name", TABLES)
def test_what_a_table_leaves_out_stands_in_its_note(cubes, name):
    given = {key: cube.copy(deep=True) for key, cube in cubes(name).items()}
    assert "Left out" not in papers.tabulate(name, given).note
    root = given[name].to_dataset()
    status = root["status"].copy(deep=True)
    status.values.flat[0] = DIVERGED
    given[name].dataset = root.assign(status=status)
    told = f"Left out of means: {name} 1 of {status.size} runs (1 diverged)."
    assert papers.tabulate(name, given).note.endswith(told)
