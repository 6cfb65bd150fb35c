"""Fitted friction and noise, cell by cell, with what the fits do not know."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from made.readable import check_readable, drawn, labels, note, panels
from made.synthetic import turned_all

from layeratlas import papers
from layeratlas.figures import style
from layeratlas.papers.spring_block.figures.poor_fits import POOR
from layeratlas.papers.spring_block.panels import PANELS

PARAMETERS = ("friction_right", "noise_strength")


def cube_of_fits(panel, columns, slopes, seeds=3) -> xr.DataTree:
    """Made-up fits whose values tell their place."""
    axes = {panel.noise: list(columns), "negative_slope": list(slopes)}
    shape = (len(columns), len(slopes))
    value = 0.01 * np.arange(float(np.prod(shape))).reshape(shape)
    dims = tuple(axes)
    cells = {
        "residual": (dims, np.full(shape, 0.02)),
        "tolerance": (dims, np.full(shape, 0.01)),
    }
    for name in PARAMETERS:
        cells |= {
            f"{name}_fit": (dims, value),
            f"{name}_seed_std": (dims, np.full(shape, 0.005)),
            f"{name}_identifiable": (dims, np.ones(shape)),
        }
    coords = axes | {"seed": np.arange(seeds)}
    attrs = {"preset": "smoke", "dataset_source": "digits"}
    # The order of dims of a fit: the grid's axes, then the seed.
    root = xr.Dataset(
        {"status": ((*dims, "seed"), np.zeros((*shape, seeds), "i1"))}, coords=coords, attrs=attrs
    )
    return xr.DataTree.from_dict({"/": root, "/cells": xr.Dataset(cells, coords=axes)})


@pytest.fixture
def fits(synthetic):
    return {
        panel.fit: cube_of_fits(panel, synthetic.LAPTOP_GRID[panel.noise], synthetic.LAPTOP_SLOPES)
        for panel in PANELS
    }


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
    assert f"{float(here):.2f}\n±0.01" in [text.get_text() for text in top[2].texts]
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
    for axes in (friction, noise):
        crosses = [line for line in axes.lines if line.get_color() == style.CURVE]
        assert len(crosses) == 2
        assert {tuple(sorted(line.get_xdata())) for line in crosses} == {(0.6, 1.4)}
    text = note(figure)
    assert "μ→ in 48, ε̄ in 47 of 48 cells" in text
    assert f"within {POOR:g} tolerances (1 cells)" in text


def test_a_cell_without_a_fit_is_empty(fits):
    cells = fits["spring_fit_batch_size"]["cells"].to_dataset()
    cells["friction_right_fit"][2, 1] = np.nan
    fits["spring_fit_batch_size"]["cells"] = cells
    assert len(panels(draw(fits))[3].texts) == 11


def test_the_order_in_which_noise_is_stored_changes_no_byte(fits):
    assert drawn(draw(turned_all(fits))) == drawn(draw(fits))
