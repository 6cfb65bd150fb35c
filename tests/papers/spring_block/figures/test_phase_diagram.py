"""What the figures show, read back from their artists and files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from made.readable import check_readable
from matplotlib.colors import to_rgb

from layeratlas import papers
from layeratlas.cubes import selecting
from layeratlas.errors import LayerAtlasError, StoreError
from layeratlas.figures import output, style
from layeratlas.papers.spring_block.published import published_panel, published_phase_diagram

PUBLISHED = "spring_block_phase_diagram_published.csv"


# Figures drawn from the phase diagrams of networks; others have files of their own.
PHASE_FIGURES = [
    name for name, entry in papers.FIGURES.items() if "figures.spring_block:" in entry.function
]


def draw(name, cubes, synthetic):
    return papers.draw(name, cubes, {PUBLISHED: synthetic.REFERENCE})


@pytest.fixture(scope="module")
def grids(synthetic):
    return {
        "6x8": synthetic.paper_cubes(scatter=0.1),
        "3x4": synthetic.theory_cubes(
            synthetic.LAPTOP_GRID, synthetic.LAPTOP_SLOPES, seeds=3, scatter=0.1, preset="laptop"
        ),
        "2x2": synthetic.theory_cubes(
            synthetic.SMOKE_GRID, synthetic.SMOKE_SLOPES, seeds=1, preset="smoke"
        ),
    }


def panels(figure):
    """Axes that hold a panel, without the colour bars."""
    return [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]


def colour_bar(figure, index):
    return [axes for axes in figure.axes if axes.get_label() == "<colorbar>"][index]


def labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def curve(axes, noise, value, slope):
    (line,) = (
        line for line in axes.lines if line.get_gid() == f"curve:{noise}={value},{slope_of(slope)}"
    )
    return line.get_xydata()


def slope_of(slope):
    return f"negative_slope={slope}"


# --- the phase diagram -----------------------------------------------------------------------


def test_axes_run_as_published(grids, synthetic):
    figure = draw("phase_diagram", grids["6x8"], synthetic)
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


def test_yaml_order_of_the_axes_does_not_matter(synthetic):
    grid = {noise: values[::-1] for noise, values in synthetic.LAPTOP_GRID.items()}
    cubes = synthetic.theory_cubes(grid, synthetic.LAPTOP_SLOPES[::-1])
    figure = draw("phase_diagram", cubes, synthetic)
    assert labels(panels(figure)[0].xaxis) == ["0.7", "0.3", "0.1", "0"]
    assert labels(panels(figure)[3].xaxis) == ["20", "80", "320", "1280"]
    assert labels(panels(figure)[2].yaxis) == ["0", "0.4", "1"]


def test_each_curve_is_in_its_cell_and_fills_its_height(grids, synthetic):
    figure = draw("phase_diagram", grids["6x8"], synthetic)
    axes = panels(figure)[2]
    published = published_panel(published_phase_diagram(synthetic.REFERENCE), "dropout")
    for i, column in enumerate(labels(axes.xaxis)):
        for j, slope in enumerate(labels(axes.yaxis)):
            x, y = curve(axes, "dropout", column, slope).T
            assert i - 0.5 < x.min() < x.max() < i + 0.5
            assert len(x) == 8  # the logits are not drawn
            drawn = (y.max() - y) / np.ptp(y)
            cell = published["separation_normalised"].sel(
                dropout=float(column), negative_slope=float(slope), method="nearest"
            )
            np.testing.assert_allclose(drawn, cell, atol=1e-4)
            # first point near the top of the cell, minimum near its bottom
            assert y[0] == pytest.approx(j - 0.5 + 0.12)
            assert y.max() == pytest.approx(j + 0.5 - 0.12)
    assert len(axes.get_images()[0].get_array().ravel()) == 48


def test_curves_are_red_and_corners_bend_as_published(grids, synthetic):
    figure = draw("phase_diagram", grids["6x8"], synthetic)
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


def test_grey_is_accuracy_black_to_white_over_the_panel(grids, synthetic):
    figure = draw("phase_diagram", grids["6x8"], synthetic)
    for index, (low, high) in {0: (83.4, 92.1), 2: (89.1, 93.5)}.items():
        (image,) = panels(figure)[index].get_images()
        assert image.get_clim() == pytest.approx((low, high), abs=1e-3)
        assert image.cmap(0.0)[:3] == (0, 0, 0)
        assert image.cmap(1.0)[:3] == (1, 1, 1)
        ticks = [label.get_text() for label in colour_bar(figure, index).get_yticklabels()]
        assert ticks == [f"{low:.1f}", f"{high:.1f}"]
    cube = grids["6x8"]["phase_diagram_data_noise"]
    cell = selecting.mean_accuracy(cube).sel(data_noise=0.7, negative_slope=0.2, method="nearest")
    (image,) = panels(figure)[0].get_images()
    assert image.get_array()[1, 0] == pytest.approx(float(cell))


def test_he_su_draws_the_other_measure(synthetic):
    # straight lines in the pseudo-inverse measure, bent ones in the trace ratio
    bent = synthetic.theory_cubes(synthetic.SMOKE_GRID, synthetic.SMOKE_SLOPES)
    for name, cube in bent.items():
        layers = cube["layers"].to_dataset(inherit=False)
        straight = 0 * layers["data_separation"] - layers["layer"]
        layers["data_separation_pseudoinverse"] = straight.astype("float32")
        bent[name] = cube.copy()
        bent[name]["layers"].dataset = layers
    _, y = curve(
        panels(draw("phase_diagram_he_su", bent, synthetic))[0], "data_noise", "0.7", "1"
    ).T
    np.testing.assert_allclose(np.diff(y, 2), 0, atol=1e-6)
    _, y = curve(panels(draw("phase_diagram", bent, synthetic))[0], "data_noise", "0.7", "1").T
    assert abs(np.diff(y, 2)).max() > 0.01


def broken(synthetic):
    """One cell lost, one cell with a seed lost, in panel b."""
    cubes = synthetic.theory_cubes(synthetic.LAPTOP_GRID, synthetic.LAPTOP_SLOPES, seeds=3)
    cube = cubes["phase_diagram_learning_rate"].copy()
    root = cube["/"].to_dataset()
    status = root["status"].copy(deep=True)
    status[0, 0, :] = 1
    status[0, 1, 2] = 1
    cube["/"].dataset = root.assign(status=status)
    return {**cubes, "phase_diagram_learning_rate": cube}


def test_diverged_cells_are_hatched_and_lost_seeds_are_told(synthetic):
    figure = draw("phase_diagram", broken(synthetic), synthetic)
    axes = panels(figure)[1]
    (cell,) = axes.patches
    assert cell.get_gid() == "missing:learning_rate=1e-1,negative_slope=0"
    assert cell.get_hatch()
    assert cell.get_xy() == (-0.5, -0.5)
    assert not [line for line in axes.lines if line.get_gid() == f"curve:{cell.get_gid()[8:]}"]
    assert [text.get_text() for text in axes.texts] == ["2/3"]
    assert "4 runs diverged or missing" in note(figure)
    assert not panels(figure)[0].patches


def test_everything_diverged_still_draws(synthetic):
    cubes = synthetic.theory_cubes(synthetic.SMOKE_GRID, synthetic.SMOKE_SLOPES)
    for name, cube in cubes.items():
        root = cube["/"].to_dataset()
        cubes[name] = cube.copy()
        cubes[name]["/"].dataset = root.assign(status=root["status"] + 1)
    for name in PHASE_FIGURES:
        draw(name, cubes, synthetic).canvas.draw()


def note(figure):
    (text,) = (text for text in figure.texts if text.get_gid() == "note")
    return text.get_text().replace("\n", " ").replace("\u00a0", " ").replace("\u2009", " ")


def test_note_states_n_and_spread(grids, synthetic):
    cubes = dict(grids["6x8"])
    cubes["phase_diagram_data_noise"] = synthetic.published_cube("data_noise", n_train=1000)
    text = note(draw("phase_diagram", cubes, synthetic))
    assert "n = 2 seeds a cell" in text
    assert "1 000 (a), 2 560 (b c d) training images (MNIST); preset paper" in text
    assert "Spread of the convexity index over seeds" in text
    assert "Spread" not in note(draw("phase_diagram", grids["2x2"], synthetic))


def test_an_axis_of_several_values_too_many_is_refused(grids, synthetic):
    cubes = dict(grids["2x2"])
    cube = cubes["phase_diagram_dropout"]
    widened = {
        path: dataset.expand_dims(width=[50, 100])
        for path, dataset in ((n.path, n.to_dataset(inherit=False)) for n in cube.subtree)
    }
    cubes["phase_diagram_dropout"] = type(cube).from_dict(widened)
    with pytest.raises(LayerAtlasError, match="width"):
        draw("phase_diagram", cubes, synthetic)


# --- scatter figures -------------------------------------------------------------------------


def test_load_uniformity_shows_every_cell_and_its_correlation(grids, synthetic):
    figure = draw("load_uniformity", grids["6x8"], synthetic)
    (axes,) = figure.axes
    clouds = {cloud.get_gid(): cloud for cloud in axes.collections}
    assert len(clouds) == 4
    points = clouds["cells:data_noise"].get_offsets()
    assert points.shape == (48, 2)
    best = points[np.argmax(points[:, 1])]
    assert best[0] < 0.08
    assert best[1] == pytest.approx(92.1, abs=0.01)
    told = [text.get_text() for text in figure.legends[0].get_texts()]
    assert "−0.86" in told[0]
    assert "−0.90" in told[2]
    assert len({tuple(cloud.get_facecolor()[0]) for cloud in clouds.values()}) == 4


def test_fidelity_puts_published_cells_on_the_identity(grids, synthetic):
    figure = draw("phase_diagram_fidelity", grids["6x8"], synthetic)
    for axes in figure.axes:
        for cloud in axes.collections:
            points = np.asarray(cloud.get_offsets())
            assert points.shape == (48, 2)
            np.testing.assert_allclose(points[:, 0], points[:, 1], atol=1e-3)
        assert axes.get_xlim() == axes.get_ylim()
    told = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert told[0].startswith("a data noise")
    assert "0.000" in told[0]
    assert "$r$ = 1.00" in told[1]
    assert "a 48 of 48, c 48 of 48" in note(figure)


def test_fidelity_compares_coinciding_cells_only(grids, synthetic):
    figure = draw("phase_diagram_fidelity", grids["3x4"], synthetic)
    assert "a 12 of 48, c 12 of 48" in note(figure)
    assert "smaller preset" in note(figure)
    assert "smaller preset" not in note(draw("phase_diagram_fidelity", grids["6x8"], synthetic))


# --- layout ----------------------------------------------------------------------------------


@pytest.mark.parametrize("grid", ["6x8", "3x4", "2x2"])
@pytest.mark.parametrize("name", PHASE_FIGURES)
def test_no_text_overlaps_or_leaves_the_page(grids, synthetic, name, grid):
    check_readable(draw(name, grids[grid], synthetic))


def test_values_of_a_user(synthetic):
    grid = {
        "data_noise": (0.0, 0.125, 0.5, 1.0),
        "learning_rate": (2.5e-3, 1e-5, 0.3333),
        "dropout": (0.5, 0.0),
        "batch_size": (1, 25, 60000),
    }
    figure = draw("phase_diagram", synthetic.theory_cubes(grid, (0.01, 0.5, 0.99)), synthetic)
    assert labels(panels(figure)[0].xaxis) == ["1", "0.500", "0.125", "0"]
    assert labels(panels(figure)[1].xaxis) == ["3.333e-1", "2.5e-3", "1e-5"]
    assert labels(panels(figure)[3].xaxis) == ["1", "25", "60000"]
    assert labels(panels(figure)[0].yaxis) == ["0.01", "0.50", "0.99"]
    check_readable(figure)


# --- labels ----------------------------------------------------------------------------------


def test_axes_are_labelled_in_words_and_symbols():
    assert style.axis_label("batch_size") == "batch size $B$"
    assert style.axis_label("width") == "width of hidden layers $m$"
    assert style.axis_label("own_axis") == "own axis"


# --- files -----------------------------------------------------------------------------------

IDENTITY = {"cube": "sha256:(12)\\ab", "code": "é", "configuration": "c0ffee"}


def test_saved_twice_is_the_same_bytes(grids, synthetic, tmp_path):
    for name in ("phase_diagram", "phase_diagram_fidelity"):
        written = []
        for folder in ("one", "two"):
            figure = draw(name, grids["2x2"], synthetic)
            paths = output.save(figure, tmp_path / folder / "v1.2", IDENTITY)
            assert [path.name for path in paths] == ["v1.2.pdf", "v1.2.png", "v1.2.svg"]
            written.append([path.read_bytes() for path in paths])
            assert len(list((tmp_path / folder).iterdir())) == 3
        assert written[0] == written[1], name


def test_another_process_and_another_day_write_the_same_bytes(tmp_path):
    code = (
        "import sys; from pathlib import Path; from matplotlib.figure import Figure;"
        "from layeratlas.figures import output;"
        "f = Figure(); f.subplots().plot([1, 2], label='$x$'); f.legend();"
        "output.save(f, Path(sys.argv[1]), {'b': '1', 'a': '2'})"
    )
    for seed, epoch in (("1", "0"), ("2", "1700000000")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": epoch}
        stem = tmp_path / seed / "figure"
        subprocess.run([sys.executable, "-c", code, str(stem)], env=environment, check=True)
    for kind in output.FORMATS:
        one, two = (tmp_path / seed / f"figure.{kind}" for seed in "12")
        assert one.read_bytes() == two.read_bytes(), kind


def test_files_carry_their_identity_and_nothing_volatile(grids, synthetic, tmp_path):
    paths = output.save(
        draw("load_uniformity", grids["2x2"], synthetic), tmp_path / "figure", IDENTITY
    )
    for path in paths:
        assert output.read_identity(path) == IDENTITY
        content = path.read_bytes()
        for word in (b"CreationDate", b"ModDate", b"<dc:date>", str(Path.cwd()).encode()):
            assert word not in content
    pdf = paths[0].read_bytes()
    assert b"/FontFile2" in pdf  # fonts are embedded as TrueType
    assert b"/Type3" not in pdf
    assert b"<text" not in paths[2].read_bytes()  # glyphs are outlines
    from PIL import Image

    with Image.open(paths[1]) as image:
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert json.loads(image.text["layeratlas"]) == IDENTITY


def test_foreign_files_are_told(tmp_path):
    from matplotlib.figure import Figure

    for kind in output.FORMATS:
        path = tmp_path / f"foreign.{kind}"
        Figure().savefig(path)
        with pytest.raises(StoreError, match="carries no identity"):
            output.read_identity(path)
    with pytest.raises(StoreError, match="one of"):
        output.read_identity(tmp_path / "figure.gif")


# --- the table -------------------------------------------------------------------------------


def test_entries_name_what_exists(synthetic):
    for name, entry in papers.FIGURES.items():
        assert entry.name == name
        assert callable(papers.resolve(entry.function))
        for reference in entry.references:
            assert (synthetic.REFERENCE.parent / reference).is_file()
        assert entry.title
        assert entry.caption.endswith(".")


def test_the_readme_lists_every_figure_and_marks_the_costly_ones():
    readme = (Path(__file__).parents[4] / "README.md").read_text(encoding="utf-8")
    table = [line for line in readme.splitlines() if line.startswith("| `")]
    for name, entry in papers.FIGURES.items():
        (line,) = (line for line in table if f"`{name}`" in line)
        assert (f"`{name}` *" in line) == entry.costly


def test_missing_inputs_and_unknown_figures_are_told(grids, synthetic):
    with pytest.raises(LayerAtlasError, match="the figures are phase_diagram, load_uniformity"):
        papers.draw("phase", {})
    with pytest.raises(LayerAtlasError, match="phase_diagram_batch_size"):
        papers.draw("phase_diagram", {})
    with pytest.raises(LayerAtlasError, match="published"):
        papers.draw("phase_diagram_fidelity", grids["2x2"])


def test_drawing_leaves_the_state_of_matplotlib_alone(grids, synthetic):
    with mpl.rc_context({"font.size": 23, "lines.linewidth": 9}):
        before = dict(mpl.rcParams)
        draw("load_uniformity", grids["2x2"], synthetic)
        assert dict(mpl.rcParams) == before
    plt = sys.modules.get("matplotlib.pyplot")
    assert plt is None or not plt.get_fignums()


def test_style_of_the_session_does_not_leak_into_files(grids, synthetic, tmp_path):
    def saved(folder: str) -> list[bytes]:
        figure = draw("phase_diagram_fidelity", grids["2x2"], synthetic)
        return [p.read_bytes() for p in output.save(figure, Path(tmp_path, folder, "figure"))]

    plain = saved("plain")
    with mpl.rc_context({"savefig.bbox": "tight", "pdf.fonttype": 3, "pdf.compression": 0}):
        assert saved("styled") == plain
