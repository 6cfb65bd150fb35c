"""What the figures of the feature speed paper show, read back from their artists and cubes."""

from __future__ import annotations

import re

import numpy as np
import pytest

from layeratlas import papers
from layeratlas.networks.scalings import table as scaling_table
from layeratlas.papers.feature_speed import reductions as fs
from layeratlas.papers.feature_speed.figures import tables

NAMES = [
    name
    for name, entry in papers.FIGURES.items()
    if re.search(r"figures\.(feature_speed|tables):", entry.function)
]


@pytest.fixture(scope="module")
def draw(probed):
    return lambda name: papers.draw(name, probed.cubes(name))


def lines(axes, gid):
    found = [line for line in axes.lines if line.get_gid() == gid]
    assert found, gid
    return found


TABLES = ("hp_mlp", "hp_resnet")


@pytest.mark.parametrize("name", TABLES)
def test_cells_hold_their_text(draw, name):
    """Matplotlib lets the text of a cell run into the next one."""
    figure = draw(name)
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    (drawn,) = figure.axes[0].tables
    cells = drawn.get_celld()
    assert len(cells) > 40
    for cell in cells.values():
        text, box = cell.get_text().get_window_extent(renderer), cell.get_window_extent(renderer)
        assert text.x0 >= box.x0 - 1
        assert text.x1 <= box.x1 + 1, cell.get_text().get_text()
        assert text.height <= box.height


@pytest.mark.parametrize("name", [name for name in NAMES if name not in TABLES])
def test_texts_are_apart_and_on_the_page(draw, assert_readable, name):
    assert_readable(draw(name))


@pytest.mark.parametrize("name", NAMES)
def test_the_number_of_draws_is_told(draw, name):
    figure = draw(name)
    (note,) = (text for text in figure.findobj(match=lambda a: a.get_gid() == "note"))
    assert re.search(r"n = \d+ draws?|\d+ draws? (of|a) ", note.get_text().replace("\n", " "))


def test_every_draw_is_a_line_over_layers(draw, probed):
    axes = draw("bfa_layer").axes[0]
    cube = probed.cube("bfa_layer")
    angle = fs.quantity(cube, "backward_feature_angle", "finite_step")
    depth = int(fs.depths(cube).max())
    for rule in angle["branch_rule"].values:
        drawn = lines(axes, f"draws:{rule}")
        assert len(drawn) == angle.sizes["seed"]
        for line, seed in zip(drawn, angle["seed"].values, strict=True):
            want = angle.sel(branch_rule=rule, seed=seed, layer=slice(0, depth - 1))
            np.testing.assert_array_equal(line.get_ydata(), want.values)
    assert axes.get_ylim() == pytest.approx((0, np.pi / 2))


def test_the_legend_starts_with_the_largest_branch(draw):
    (legend,) = draw("bfa_layer").legends
    told = [text.get_text() for text in legend.get_texts()]
    assert told[0].startswith(r"$\beta=1$")
    assert told[-2] == r"$\beta=1/L$"


def test_dots_lie_over_their_depth(draw, probed):
    axes = draw("bfa_depth").axes[0]
    cube = probed.cube("bfa_depth")
    angle = fs.last_hidden(fs.quantity(cube, "backward_feature_angle", "finite_step"))
    for rule in angle["branch_rule"].values:
        (dots,) = lines(axes, f"dots:{rule}")
        want = angle.sel(branch_rule=rule).transpose("depth", "seed").values[:, 0]
        np.testing.assert_array_equal(dots.get_xdata(), angle["depth"].values)
        np.testing.assert_array_equal(dots.get_ydata(), want)


def test_branch_scales_are_normalised_by_depth(draw, probed):
    axes = draw("bfa_branch_scale").axes[0]
    cube = probed.cube("bfa_branch_scale")
    angle = fs.last_hidden(fs.quantity(cube, "backward_feature_angle", "finite_step"))
    assert axes.get_xscale() == "log"
    for depth in angle["depth"].values:
        (line,) = lines(axes, f"mean:{depth}")
        c = np.sqrt(depth) * angle["branch_scale"].values
        np.testing.assert_allclose(line.get_xdata(), c[-len(line.get_xdata()) :])
        mean = angle.sel(depth=depth).mean("seed").values
        np.testing.assert_allclose(line.get_ydata(), mean[-len(line.get_ydata()) :])


def test_last_hidden_picks_each_networks_own_layer(probed):
    cube = probed.cube("bfa_depth")
    angle = fs.quantity(cube, "backward_feature_angle")
    last = fs.last_hidden(angle)
    for depth in angle["depth"].values:
        want = angle.sel(depth=depth, layer=depth - 1)
        np.testing.assert_array_equal(last.sel(depth=depth).values, want.values)


def test_log_slopes():
    import xarray as xr

    x = np.array([1.0, 2.0, 5.0, 9.0])
    y = xr.DataArray([3 * x**-0.5, x**2, [np.nan, -1, 0, 4]], dims=("row", "x"), coords={"x": x})
    np.testing.assert_allclose(fs.log_slope(y, "x"), [-0.5, 2.0, np.nan])


# --- tables -----------------------------------------------------------------------------------


def test_a_table_is_the_formulas_of_the_scalings(probed):
    made = tables.hp_mlp_table(probed.cubes("hp_mlp"))
    assert len(made.groups) == 3
    for name, group in zip(("ntk", "mf_mup", "fsc"), made.groups, strict=True):
        for setting, std, rate in zip(("dense", "sparse"), group[::2], group[1::2], strict=True):
            scaling = scaling_table(name, 10, 100, 20, 5, setting=setting)
            for i, row in enumerate((scaling.input, scaling.hidden, scaling.output)):
                assert std[3 + i] == f"${row.std_formula}$"
                assert rate[3 + i] == f"${row.learning_rate_formula}$"


def test_tables_as_text(probed):
    made = tables.hp_resnet_table(probed.cubes("hp_resnet"))
    markdown, latex = made.to_markdown(), made.to_latex()
    rows = sum(map(len, made.groups))
    body = [line for line in markdown.splitlines() if line.startswith("|")]
    assert len(body) == rows + 2
    assert {line.count("|") for line in body} == {len(made.header) + 1}
    assert latex.count(r" \\") == rows + 1
    assert latex.count("{") == latex.count("}")
    assert latex.count("$") % 2 == 0
    assert latex.isascii()
