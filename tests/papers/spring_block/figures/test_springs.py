"""What the figures of springs and trajectories show, read back from their artists and files."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.image import AxesImage
from PIL import Image

from layeratlas import papers
from layeratlas.cubes import selecting
from layeratlas.errors import LayerAtlasError
from layeratlas.figures import output, style
from layeratlas.papers.spring_block import load_curves

PUBLISHED = "spring_block_phase_diagram_published.csv"
MODULES = ("schematic:", "springs:", "trajectories:")
NAMES = [
    name for name, entry in papers.FIGURES.items() if any(m in entry.function for m in MODULES)
]


@pytest.fixture(scope="module")
def draw(simulated, synthetic):
    def drawn(name, **replaced):
        cubes = simulated.cubes(name, synthetic) | replaced
        return papers.draw(name, cubes, {PUBLISHED: synthetic.REFERENCE})

    return drawn


def labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def curve(axes, gid):
    (line,) = (line for line in axes.lines if line.get_gid() == gid)
    return line.get_xydata()


def note(figure):
    (text,) = (text for text in figure.findobj(match=lambda a: a.get_gid() == "note"))
    return text.get_text().replace("\n", " ").replace("\u00a0", " ").replace("\u2009", " ")


@pytest.mark.parametrize("name", NAMES)
def test_texts_are_apart_and_on_the_page(draw, assert_readable, name):
    assert_readable(draw(name))


@pytest.mark.parametrize("name", NAMES)
def test_the_note_says_what_is_drawn(draw, name):
    text = note(draw(name))
    if name != "schematic":
        assert "preset smoke" in text.lower()
        assert "$L$ = " in text
        assert "10 000 steps" in text or "14 000 steps" in text


# --- phase diagrams --------------------------------------------------------------------------


def test_noise_grows_to_the_left_and_friction_upward(draw):
    axes = draw("spring_phase_diagram").axes[0]
    assert labels(axes.xaxis) == ["0.50", "0.30", "0.20", "0.15", "0.10", "0.06", "0.03", "0"]
    assert labels(axes.yaxis) == ["0.10", "0.08", "0.06", "0.04", "0.02", "0"]
    x = [axes.transData.transform((i, 0))[0] for i in range(8)]
    y = [axes.transData.transform((0, j))[1] for j in range(6)]
    assert x == sorted(x)
    assert y == sorted(y, reverse=True)


def test_each_cell_shows_its_curve_on_the_colour_of_its_index(draw, simulated):
    axes = draw("spring_phase_diagram").axes[0]
    cube = simulated.cube("spring_phase_diagram")
    curves = load_curves.load_curve(cube, variable="spring_separation")
    (image,) = axes.get_images()
    for i, noise in enumerate((0.5, 0.3, 0.2, 0.15, 0.1, 0.06, 0.03, 0.0)):
        for j, friction in enumerate((0.1, 0.08, 0.06, 0.04, 0.02, 0.0)):
            here = curves.sel(noise_strength=noise, friction_right=friction)
            gid = f"curve:noise_strength={labels(axes.xaxis)[i]},"
            x, y = curve(axes, f"{gid}friction_right={labels(axes.yaxis)[j]}").T
            assert i - 0.5 < x.min() < x.max() < i + 0.5
            drawn = (y.max() - y) / np.ptp(y)
            np.testing.assert_allclose(drawn, load_curves.range_normalised(here), atol=1e-6)
            ci = float(load_curves.convexity_index(here))
            assert image.get_array()[j, i] == pytest.approx(ci, abs=1e-9)
    low, high = image.get_clim()
    assert low == -high  # straight is the middle of the diverging map
    assert {line.get_color() for line in axes.lines if line.get_gid()} == {style.CURVE}


def test_both_diagrams_share_one_scale_and_tell_their_likeness(draw):
    figure = draw("two_phase_diagrams")
    images = figure.findobj(AxesImage)
    assert len(images) == 5
    assert len({image.get_clim() for image in images}) == 1
    (springs,) = (axes for axes in figure.axes if axes.get_title() == "Springs")
    assert len(labels(springs.xaxis)) == 8
    (likeness,) = (axes for axes in figure.axes if axes.get_title("left") == "f")
    (dots,) = likeness.collections
    # Six diagrams: four of networks, two published.
    assert np.asarray(dots.get_offsets()).shape == (6, 2)
    assert (np.asarray(dots.get_offsets())[:, 0] > 0.7).all()
    assert labels(likeness.yaxis)[0] == "a data noise"


# --- over time -------------------------------------------------------------------------------


def test_trajectories_show_batch_statistics_layer_by_layer(draw, simulated):
    figure = draw("trajectories")
    panels = {axes.get_title("left"): axes for axes in figure.axes if axes.get_title("left")}
    assert sorted(panels) == [f"{letter}{side}" for letter in "abcd" for side in "12"]
    cube = simulated.network_trajectories()
    D = load_curves.load_curve(cube, batch_norm_mode="batch_statistics", keep_epochs=True)
    b1 = D.sel(negative_slope=0.0, dropout=0.28)
    for layer in range(8):
        epochs, values = curve(panels["b1"], f"layer:{layer}").T
        np.testing.assert_array_equal(epochs, np.arange(31))
        np.testing.assert_allclose(values, b1.sel(layer=layer), rtol=1e-6)
    steps, wall = curve(panels["c2"], "layer:0").T
    assert steps[-1] == 10_000
    assert (wall == 1).all()
    assert "batch statistics" in note(figure)
    assert labels(panels["a1"].xaxis)[0] == "0"


def test_a_missing_regime_is_told(draw, simulated):
    cube = simulated.cube("spring_trajectories", seeds=2, grid={
        "friction_right": (0.10, 0.05), "noise_strength": (0.0, 0.3),
    })  # fmt: skip
    with pytest.raises(LayerAtlasError, match=r"friction_right 0.02; the grid has"):
        draw("trajectories", spring_trajectories=cube)


def test_ruler_segments_keep_their_length_and_open_as_the_springs(draw, simulated):
    figure = draw("folding_ruler")
    cube = simulated.cube("folding_ruler")
    D = selecting.recorded(cube, "spring_separation").isel(seed=0)
    panels = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    assert [axes.get_title() for axes in panels[:4]] == [
        "step 100", "step 500", "step 2\u2009000", "step 10\u2009000",
    ]  # fmt: skip
    lengths = set()
    for axes, noise in ((panels[3], 0.0), (panels[7], 0.15)):
        for segment in range(1, 11):
            (x0, y0), (x1, y1) = curve(axes, f"ruler:{noise:g}:10000:{segment}")
            here = D.sel(noise_strength=noise, step=10_000)
            opened = float(here.sel(layer=segment - 1) - here.sel(layer=segment))
            assert x1 - x0 == pytest.approx(opened, abs=1e-6)
            lengths.add(round(float(np.hypot(x1 - x0, y1 - y0)), 4))
    assert len(lengths) == 1
    assert "stand-in" in note(figure)


def test_first_notebook_draws_the_mean(draw, simulated):
    figure = draw("first_order_chain")
    motion = figure.axes[1]
    mean = load_curves.load_curve(
        simulated.cube("first_order_chain"), variable="spring_separation", keep_epochs=True
    ).sel(noise_strength=0.1)
    for layer in (0, 3, 7):
        steps, values = curve(motion, f"mean:{layer}").T
        np.testing.assert_allclose(values, mean.sel(layer=layer), atol=1e-6)
        assert steps[-1] == 10_000


# --- files -----------------------------------------------------------------------------------


def test_the_schematic_is_vectors_only(draw, tmp_path):
    figure = draw("schematic")
    assert not figure.findobj(AxesImage)
    pdf, _, svg = output.save(figure, tmp_path / "schematic")
    assert b"/Subtype /Image" not in pdf.read_bytes()
    assert b"<image" not in svg.read_bytes()
    words = "".join(text.get_text() for text in figure.axes[0].texts)
    for symbol in ("$d_1$", "$d_L$", "$x_1$", "$x_L$", "$y$", "friction", "noise"):
        assert symbol in words


@pytest.mark.parametrize("name", ["spring_phase_diagram", "folding_ruler"])
def test_drawn_twice_is_the_same_bytes(draw, tmp_path, name):
    written = [
        [path.read_bytes() for path in output.save(draw(name), tmp_path / folder / name)]
        for folder in ("one", "two")
    ]
    assert written[0] == written[1]


def test_animation_is_the_same_bytes_and_carries_its_identity(
    simulated, synthetic, tmp_path, monkeypatch
):
    from layeratlas.figures import animation
    from layeratlas.papers.spring_block.figures import trajectories

    whole = trajectories.lazy_active_frames

    def few(cubes):
        made = whole(cubes)
        return animation.Animation(made.figure, lambda i: made.show(10 * i), 6, made.rate, 50)

    monkeypatch.setattr(trajectories, "lazy_active_frames", few)
    cubes = simulated.cubes("lazy_active", synthetic)
    identity = {"cube": "sha256:" + "0123456789abcdef" * 40}
    paths = [
        papers.animate("lazy_active", cubes, tmp_path / str(i) / "lazy_active.gif", identity)
        for i in range(2)
    ]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with Image.open(paths[0]) as image:
        assert image.n_frames == 6
        assert image.info["comment"].decode().startswith('{"cube": "sha256:0123')
        assert image.info["loop"] == 0
    with pytest.raises(LayerAtlasError, match="no animation"):
        papers.animate("phase_diagram", {}, tmp_path / "x.gif")


# --- other grids -----------------------------------------------------------------------------


def test_the_published_grid_fits_the_narrow_panels(draw, synthetic, assert_readable):
    figure = draw("two_phase_diagrams", **synthetic.paper_cubes())
    assert_readable(figure)
    assert "(48)" in "".join(text.get_text() for axes in figure.axes for text in axes.texts)


def lost(cube):
    """Every run of the cube diverged."""
    cube = cube.copy()
    root = cube["/"].to_dataset()
    cube["/"].dataset = root.assign(status=root["status"] * 0 + 1)
    return cube


@pytest.mark.parametrize("name", [name for name in NAMES if name != "schematic"])
def test_lost_runs_leave_gaps_and_no_error(draw, simulated, synthetic, name):
    cubes = {key: lost(cube) for key, cube in simulated.cubes(name, synthetic).items()}
    draw(name, **cubes).canvas.draw()
