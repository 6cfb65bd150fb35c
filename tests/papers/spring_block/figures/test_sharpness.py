"""The sharpness figure shows each cell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made.readable import check_readable, drawn, words
from made.synthetic import turned

from layeratlas import papers
from layeratlas.config.experiment import load_experiment
from layeratlas.papers.spring_block import load_curves

EXPERIMENTS = Path(__file__).parents[4] / "config/experiments"


def draw(name, cube):
    return papers.draw(name, dict.fromkeys(papers.FIGURES[name].experiments, cube))


def test_every_cell_is_a_point_at_its_place(sharp):
    cube = sharp(seeds=3)
    index = load_curves.convexity_index(load_curves.load_curve(cube))
    for axes, variable in zip(
        draw("sharpness", cube).axes, ("hessian_top_eigenvalue", "hessian_trace"), strict=True
    ):
        assert axes.get_yscale() == "log"
        points = {c.lines[0].get_gid(): c.lines[0] for c in axes.containers}
        assert len(points) == 12
        mean = cube["network"][variable].isel(epoch=-1).astype(float).mean("seed")
        for slope in (0.0, 0.4, 1.0):
            for rate in (0.0, 0.08, 0.16, 0.28):
                here = {"negative_slope": slope, "dropout": rate}
                (x,), (y,) = points[f"negative_slope={slope:g},dropout={rate:g}"].get_data()
                assert x == pytest.approx(float(index.sel(here)))
                assert y == pytest.approx(float(mean.sel(here)))
        rows = {tuple(p.get_color()): gid.split(",")[0] for gid, p in points.items()}
        columns = {p.get_marker(): gid.split(",")[1] for gid, p in points.items()}
        assert len(rows) == len(set(rows.values())) == 3
        assert len(columns) == len(set(columns.values())) == 4


def test_rank_and_count_are_in_the_legend(sharp):
    figure = draw("sharpness", sharp())
    for axes in figure.axes:
        assert axes.get_legend().get_title().get_text() == "Spearman ρ = −1.00, n = 12 cells"
    text = words(figure)
    assert "n = 1 seed." in text
    assert "standard deviation" not in text
    assert "not drawn" not in text
    check_readable(figure)


def test_what_a_logarithmic_axis_cannot_show_is_told(sharp):
    cube = sharp()
    cube["network"]["hessian_trace"][0, 0] = -1.0
    cube["network"]["hessian_top_eigenvalue"][0, 1] = np.nan
    cube["status"][2, 2] = 1
    figure = draw("sharpness", cube)
    titles = [axes.get_legend().get_title().get_text() for axes in figure.axes]
    assert all(title.endswith("n = 10 cells") for title in titles)
    assert "not drawn: a 2, b 2" in words(figure)


def test_any_source_of_noise_will_do(sharp):
    rates = (1e-1, 1e-2, 1e-3, 1e-4)
    figure = draw("sharpness", sharp(noise="learning_rate", columns=rates))
    assert r"learning rate $\eta$" in words(figure)
    check_readable(figure)
    # The full published grid has the longest legends.
    columns = (0.28, 0.24, 0.20, 0.16, 0.12, 0.08, 0.04, 0.0)
    check_readable(draw("sharpness", sharp(seeds=10, columns=columns)))


def test_the_experiment_measures_what_is_drawn():
    for preset in ("smoke", "laptop", "paper"):
        e = load_experiment("sharpness", preset, EXPERIMENTS)
        assert {"data_separation", "hessian_top_eigenvalue", "hessian_trace"} == set(
            e.measure.metrics
        )
    assert e.grid == load_experiment("phase_diagram_dropout", "paper", EXPERIMENTS).grid
    assert len(e.seeds) == 10


@pytest.mark.slow
def test_the_order_in_which_noise_is_stored_changes_no_byte(sharp):
    cube = sharp(seeds=3)
    cube["status"][1, 2, 0] = 1
    assert drawn(draw("sharpness", turned(cube))) == drawn(draw("sharpness", cube))
