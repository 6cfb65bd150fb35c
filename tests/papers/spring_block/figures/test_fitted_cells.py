"""Fitted friction and noise, cell by cell, with what the fits do not know."""

from __future__ import annotations

import numpy as np
import pytest
from made.readable import check_readable, drawn, labels, note, panels
from made.synthetic import turned_all

from layeratlas import papers
from layeratlas.papers.spring_block.figures.poor_fits import POOR


def draw(cubes):
    return papers.draw("spring_fit", cubes)


def test_cells_are_laid_out_as_the_phase_diagram(fits):
    figure = draw(fits)
    top, bottom = panels(figure)[:4], panels(figure)[4:]
    assert [axes.get_title("left") for axes in top] == list("abcd")
    assert labels(bottom[2].xaxis) == ["0.28", "0.16", "0.08", "0"]
    assert labels(top[3].xaxis) == ["20", "80", "320", "1280"]
    assert labels(top[0].yaxis) == ["0", "0.4", "1"]
    cells = fits["spring_fit_dropout"]["cells"]
    (image,) = top[2].get_images()
    here = cells["friction_right_fit"].sel(dropout=0.08, negative_slope=0.4)
    assert image.get_array()[1, 2] == float(here)
    told = [text.get_text() for text in top[2].texts]
    assert f"{float(here):.2f}".lstrip("0") in [text.split("\n")[0] for text in told]
    assert {text.split("\n")[1] for text in told} == {"±.01"}
    assert "median (worst) of the identified cells: μ→ 0.005 (0.005)" in note(figure)


def test_small_cells_are_without_numbers(synthetic, fits, fits_of):
    columns, slopes = synthetic.PUBLISHED_GRID["dropout"], synthetic.PUBLISHED_SLOPES
    fits["spring_fit_dropout"] = fits_of("dropout", columns, slopes)
    figure = draw(fits)
    assert not panels(figure)[2].texts
    assert len(panels(figure)[3].texts) == 12
    check_readable(figure)


def test_what_is_not_identified_is_hatched_and_what_is_poor_is_crossed(fits):
    cells = fits["spring_fit_dropout"]["cells"].to_dataset()
    cells["noise_strength_identifiable"][0, 0] = 0
    cells["residual"][1, 1] = 1.01 * POOR * cells["tolerance"][1, 1]
    fits["spring_fit_dropout"]["cells"] = cells
    figure = draw(fits)
    friction, noise = panels(figure)[2], panels(figure)[6]
    assert not friction.patches
    (hatched,) = noise.patches
    # Noisiest first, ReLU first.
    assert hatched.get_xy() == (-0.5, -0.5)
    # What is not known has neither number nor colour.
    assert [len(axes.texts) for axes in (friction, noise)] == [12, 11]
    assert noise.get_images()[0].get_array().mask[0, 0]
    for axes in (friction, noise):
        (cross,) = (line for line in axes.lines if line.get_gid() == "poor")
        ((x, y),) = cross.get_xydata()
        assert (round(x), round(y)) == (1, 1)
        # In a corner, beside the number.
        assert min(x - 1, 1 - y) > 0.25
    text = note(figure)
    assert "μ→ in 48, ε̄ in 47 of 48 cells" in text
    assert f"within {POOR:g} tolerances (1 cells)" in text


def test_a_cell_without_a_fit_is_empty(fits):
    cells = fits["spring_fit_batch_size"]["cells"].to_dataset()
    cells["friction_right_fit"][2, 1] = np.nan
    fits["spring_fit_batch_size"]["cells"] = cells
    assert len(panels(draw(fits))[3].texts) == 11


@pytest.mark.slow
def test_the_order_in_which_noise_is_stored_changes_no_byte(fits):
    assert drawn(draw(turned_all(fits))) == drawn(draw(fits))
