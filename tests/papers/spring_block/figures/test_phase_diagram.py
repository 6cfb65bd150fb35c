"""The phase diagram read back from its artists."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from made.often import often
from made.readable import check_readable, drawn, labels, line, note, panels
from made.synthetic import turned_all
from matplotlib.colors import to_rgb

from layeratlas.cubes import selecting
from layeratlas.cubes.layers import BEYOND
from layeratlas.errors import LayerAtlasError
from layeratlas.figures import style
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.published import published_panel, published_phase_diagram

NAMES = ("phase_diagram", "phase_diagram_he_su")


@pytest.fixture(scope="module")
def published(draw_networks, grids):
    """The diagram on the published grid, drawn once; to be read."""
    return draw_networks("phase_diagram", grids["6x8"])


def colour_bar(figure, index):
    return [axes for axes in figure.axes if axes.get_label() == "<colorbar>"][index]


def curve(axes, noise, value, slope):
    return line(axes, f"curve:{noise}={value},negative_slope={slope}").get_xydata()


def test_axes_run_as_published(published):
    figure = published
    figure.draw_without_rendering()
    expected = (
        ["0.7", "0.6", "0.5", "0.4", "0.3", "0.2", "0.1", "0"],
        ["2e-1", "1e-1", "5e-2", "1e-2", "5e-3", "1e-3", "5e-4", "1e-4"],
        ["0.28", "0.24", "0.20", "0.16", "0.12", "0.08", "0.04", "0"],
        ["10", "20", "40", "80", "160", "320", "640", "1280"],
    )
    for axes, columns, letter in zip(panels(figure), expected, "abcd", strict=True):
        assert axes.get_title("left") == letter
        assert labels(axes.xaxis) == columns
        assert labels(axes.yaxis) == ["0", "0.2", "0.4", "0.6", "0.8", "1"]
        # on the page, in pixels: right and up
        x = [axes.transData.transform((i, 0))[0] for i in range(8)]
        y = [axes.transData.transform((0, j))[1] for j in range(6)]
        assert x == sorted(x)
        assert y == sorted(y, reverse=True)


def test_yaml_order_of_the_axes_does_not_matter(draw_networks, synthetic):
    grid = {noise: values[::-1] for noise, values in synthetic.LAPTOP_GRID.items()}
    cubes = synthetic.theory_cubes(grid, synthetic.LAPTOP_SLOPES[::-1])
    figure = draw_networks("phase_diagram", cubes)
    assert labels(panels(figure)[0].xaxis) == ["0.7", "0.3", "0.1", "0"]
    assert labels(panels(figure)[3].xaxis) == ["20", "80", "320", "1280"]
    assert labels(panels(figure)[2].yaxis) == ["0", "0.4", "1"]


def test_each_curve_is_in_its_cell_and_fills_its_height(published, synthetic):
    axes = panels(published)[2]
    digitised = published_panel(published_phase_diagram(synthetic.REFERENCE), "dropout")
    for i, column in enumerate(labels(axes.xaxis)):
        for j, slope in enumerate(labels(axes.yaxis)):
            x, y = curve(axes, "dropout", column, slope).T
            assert i - 0.5 < x.min() < x.max() < i + 0.5
            assert len(x) == 8  # the logits are not drawn
            drawn = (y.max() - y) / np.ptp(y)
            cell = digitised["separation_normalised"].sel(
                dropout=float(column), negative_slope=float(slope), method="nearest"
            )
            np.testing.assert_allclose(drawn, cell, atol=1e-4)
            # first point near the top of the cell, minimum near its bottom
            assert y[0] == pytest.approx(j - 0.5 + 0.12)
            assert y.max() == pytest.approx(j + 0.5 - 0.12)
    assert len(axes.get_images()[0].get_array().ravel()) == 48


def test_curves_are_red_and_corners_bend_as_published(published):
    figure = published
    axes = panels(figure)[0]

    def below_chord(column, slope):
        _, y = curve(axes, "data_noise", column, slope).T
        return float((y - np.linspace(y[0], y[-1], len(y))).mean())  # rows grow downward

    assert below_chord("0.7", "1") > 0.05  # bottom left is convex
    assert below_chord("0", "0") < -0.05  # top right is concave
    reds = {line.get_color() for line in axes.lines if line.get_gid()}
    assert reds == {style.CURVE}
    red, green, blue = to_rgb(style.CURVE)
    assert red > 3 * max(green, blue)


def test_grey_is_accuracy_black_to_white_over_the_panel(published, grids):
    figure = published
    for index, (low, high) in {0: (83.4, 92.1), 2: (89.1, 93.5)}.items():
        (image,) = panels(figure)[index].get_images()
        assert image.get_clim() == pytest.approx((low, high), abs=1e-3)
        assert image.cmap(0.0)[:3] == (0, 0, 0)
        assert image.cmap(1.0)[:3] == (1, 1, 1)
        ticks = [label.get_text() for label in colour_bar(figure, index).get_yticklabels()]
        assert [ticks[0], ticks[-1]] == [f"{low:.1f}", f"{high:.1f}"]
        assert float(ticks[1]) == pytest.approx((low + high) / 2, abs=0.06)
        # Greys of two panels mean different accuracies: it is said where they are read.
        assert "own scale" in colour_bar(figure, index).get_ylabel()
    cube = grids["6x8"]["phase_diagram_data_noise"]
    cell = selecting.mean_accuracy(cube).sel(data_noise=0.7, negative_slope=0.2, method="nearest")
    (image,) = panels(figure)[0].get_images()
    assert image.get_array()[1, 0] == pytest.approx(float(cell))


def straight(cubes):
    """The cubes with straight lines in the pseudo-inverse measure."""
    made = {}
    for name, cube in cubes.items():
        layers = cube["layers"].to_dataset(inherit=False)
        line = 0 * layers["data_separation"] - layers["layer"]
        layers["data_separation_pseudoinverse"] = line.astype("float32")
        made[name] = cube.copy()
        made[name]["layers"].dataset = layers
    return made


def test_he_su_draws_the_other_measure(draw_networks, synthetic):
    # straight lines in the pseudo-inverse measure, bent ones in the trace ratio
    bent = straight(synthetic.theory_cubes(synthetic.SMOKE_GRID, synthetic.SMOKE_SLOPES))
    _, y = curve(panels(draw_networks("phase_diagram_he_su", bent))[0], "data_noise", "0.7", "1").T
    np.testing.assert_allclose(np.diff(y, 2), 0, atol=1e-6)
    _, y = curve(panels(draw_networks("phase_diagram", bent))[0], "data_noise", "0.7", "1").T
    assert abs(np.diff(y, 2)).max() > 0.01


def test_diverged_cells_are_hatched_and_lost_seeds_are_told(draw_networks, broken):
    figure = draw_networks("phase_diagram", broken)
    axes = panels(figure)[1]
    (cell,) = axes.patches
    assert cell.get_gid() == "missing:learning_rate=1e-1,negative_slope=0"
    assert cell.get_hatch()
    assert cell.get_xy() == (-0.5, -0.5)
    assert not [line for line in axes.lines if line.get_gid() == f"curve:{cell.get_gid()[8:]}"]
    assert [text.get_text() for text in axes.texts] == ["2/3"]
    assert "phase_diagram_learning_rate 4 of 36 runs (4 diverged)" in note(figure)
    assert not panels(figure)[0].patches


def test_note_states_n_and_spread(draw_networks, grids, synthetic):
    cubes = dict(grids["6x8"])
    cubes["phase_diagram_data_noise"] = synthetic.published_cube("data_noise", n_train=1000)
    text = note(draw_networks("phase_diagram", cubes))
    assert (
        "Preset paper: MNIST, 1 000 training samples (a) or 2 560 training samples (b, c, d), "
        "n = 2 seeds." in text
    )
    assert "Standard deviation over seeds, median cell (worst cell): convexity index a 0.0" in text
    cube = cubes["phase_diagram_dropout"]
    runs = load_curves.load_curve(cube, over=None)
    worst = float(load_curves.convexity_index(runs).std("seed", ddof=1).max())
    assert f"({worst:.3f}), d " in text
    assert "tandard deviation" not in note(draw_networks("phase_diagram", grids["2x2"]))


def test_an_axis_of_several_values_too_many_is_refused(draw_networks, grids):
    cubes = dict(grids["2x2"])
    cube = cubes["phase_diagram_dropout"]
    widened = {
        path: dataset.expand_dims(width=[50, 100])
        for path, dataset in ((n.path, n.to_dataset(inherit=False)) for n in cube.subtree)
    }
    cubes["phase_diagram_dropout"] = type(cube).from_dict(widened)
    with pytest.raises(LayerAtlasError, match="width"):
        draw_networks("phase_diagram", cubes)


def test_values_of_a_user(draw_networks, synthetic):
    grid = {
        "data_noise": (0.0, 0.125, 0.5, 1.0),
        "learning_rate": (2.5e-3, 1e-5, 0.3333),
        "dropout": (0.5, 0.0),
        "batch_size": (1, 25, 60000),
    }
    figure = draw_networks("phase_diagram", synthetic.theory_cubes(grid, (0.01, 0.5, 0.99)))
    assert labels(panels(figure)[0].xaxis) == ["1", "0.500", "0.125", "0"]
    assert labels(panels(figure)[1].xaxis) == ["3.333e-1", "2.5e-3", "1e-5"]
    assert labels(panels(figure)[3].xaxis) == ["1", "25", "60000"]
    assert labels(panels(figure)[0].yaxis) == ["0.01", "0.50", "0.99"]
    check_readable(figure)


@pytest.mark.parametrize(
    ("name", "grid"),
    often(product(NAMES, ["6x8", "3x4", "2x2"]), (NAMES[0], "3x4"), (NAMES[1], "6x8")),
)
def test_no_text_overlaps_or_leaves_the_page(draw_networks, grids, name, grid):
    check_readable(draw_networks(name, grids[grid]))


@pytest.mark.parametrize("name", NAMES)
def test_everything_diverged_still_draws(draw_networks, grids, all_lost, name):
    draw_networks(name, all_lost(grids["2x2"])).canvas.draw()


def test_the_order_in_which_noise_is_stored_changes_no_byte(draw_networks, broken):
    ours, theirs = (
        drawn(draw_networks("phase_diagram", cubes)) for cubes in (broken, turned_all(broken))
    )
    assert ours == theirs


def with_depths(cube, depths):
    """The cube with an axis of depth whose networks name their own layers, logits last."""
    layers = cube["layers"].to_dataset(inherit=False)
    names = [str(name) for name in layers["layer_name"].values]
    longest = len(names)
    own = [[*names[:depth], "logits", *[BEYOND] * (longest - 1 - depth)] for depth in depths]
    nodes = {
        node.path: node.to_dataset(inherit=False).expand_dims(depth=depths) for node in cube.subtree
    }
    nodes["/layers"] = (
        layers.drop_vars("layer_name")
        .expand_dims(depth=depths)
        .assign_coords(layer_name=(("depth", "layer"), np.array(own, dtype=object)))
    )
    return type(cube).from_dict(nodes)


def test_one_depth_of_several_is_drawn_over_its_own_layers(draw_networks, grids):
    cubes = {name: with_depths(cube, [5, 8]) for name, cube in grids["2x2"].items()}
    with pytest.raises(LayerAtlasError, match=r"select one value of \['depth'\]"):
        draw_networks("phase_diagram", cubes)
    for depth in (5, 8):
        for chosen in ({"depth": [depth]}, {"depth": depth}):
            one = {name: cube.sel(chosen) for name, cube in cubes.items()}
            axes = panels(draw_networks("phase_diagram", one))[0]
            assert not axes.patches  # nothing is missing
            assert len(curve(axes, "data_noise", "0.7", "0")) == depth


def test_each_cell_has_a_band_of_its_seeds(draw_networks, grids):
    axes = panels(draw_networks("phase_diagram", grids["3x4"]))[0]
    bands = {band.get_gid(): band for band in axes.collections}
    assert len(bands) == 12
    runs = load_curves.load_curve(grids["3x4"]["phase_diagram_data_noise"], over=None)
    here = runs.sel(data_noise=0.3, negative_slope=0.4)
    spread = load_curves.range_normalised(here).std("seed", ddof=1)
    ys = bands["spread:data_noise=0.3,negative_slope=0.4"].get_paths()[0].vertices[:, 1]
    middle = line(axes, "curve:data_noise=0.3,negative_slope=0.4").get_ydata()
    assert ys.max() == pytest.approx((middle + 0.76 * spread.values).max(), abs=1e-6)
    assert not panels(draw_networks("phase_diagram", grids["2x2"]))[0].collections


def test_curves_of_an_ill_conditioned_measure_are_dashed_and_told(draw_networks, grids):
    cubes = straight(grids["2x2"])
    assert "Dashed" not in note(draw_networks("phase_diagram_he_su", cubes))
    cube = cubes["phase_diagram_dropout"]
    layers = cube["layers"].to_dataset(inherit=False).copy(deep=True)
    name = "data_separation_pseudoinverse"
    here = {"dropout": 0.28, "negative_slope": 1.0}
    # With the coordinates that the group has from the root.
    told = cube["layers"].to_dataset()[name].copy(deep=True)
    told.loc[here | {"layer": 4}] = told.loc[here].max()
    told.loc[{"dropout": 0.0, "negative_slope": 1.0, "layer": 2}] = np.inf
    layers[name] = (told.dims, told.values, told.attrs)
    cube["layers"].dataset = layers
    figure = draw_networks("phase_diagram_he_su", cubes)
    axes = panels(figure)[2]
    dashed = [one.get_gid() for one in axes.lines if one.get_linestyle() == "--"]
    assert dashed == ["curve:dropout=0.28,negative_slope=1"]
    (hatched,) = axes.patches
    assert hatched.get_gid() == "missing:dropout=0,negative_slope=1"
    assert "Dashed, 1 cell: not monotone" in note(figure)
    assert "Hatched, 1 cell: no seed is left, or the measure is not finite." in note(figure)
    # In the published measure a curve that turns up is drawn like any other.
    assert "Dashed" not in note(draw_networks("phase_diagram", cubes))
