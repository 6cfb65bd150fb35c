"""The CNN's figure says what was trained; the sharpness figure shows each cell."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib.text import Text

from layeratlas import papers
from layeratlas.config.expansion import describe, expand
from layeratlas.config.experiment import load_experiment
from layeratlas.cubes import selecting
from layeratlas.cubes.assembling import assemble
from layeratlas.cubes.settings import departures, settings
from layeratlas.errors import LayerAtlasError
from layeratlas.figures import output
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.published import CNN_CIFAR10

EXPERIMENTS = Path(__file__).parents[4] / "config/experiments"
IDENTITY = {"cnn_cifar10": "sha256:" + "a" * 64}


def attributes_of(name: str, preset: str) -> tuple[dict, dict]:
    """Attributes and grid that a cube of this experiment would have."""
    e = load_experiment(name, preset, EXPERIMENTS)
    grid = {axis: list(values) for axis, values in e.grid.items()}
    description = describe(e, expand(e))["description"]
    return assemble(description, [], []).attrs, {**grid, "seed": list(e.seeds)}


@pytest.fixture
def cnn(synthetic):
    def build(
        preset: str = "laptop", rates=None, *, lost=(), seeds=None, name="cnn_cifar10", **attributes
    ):
        attrs, grid = attributes_of(name, preset)
        rates = np.asarray(grid["dropout"] if rates is None else rates, float)
        axes = {"dropout": rates, "negative_slope": [0.0]}
        at = xr.DataArray(np.linspace(0, 1, 8), dims="layer", coords={"layer": np.arange(8)})
        order = np.argsort(np.argsort(rates))[:, None] / len(rates)
        bend = xr.DataArray(order - 0.4, dims=tuple(axes), coords=axes)
        seeds = len(grid["seed"]) if seeds is None else seeds
        status = xr.DataArray(np.zeros((len(rates), 1, seeds)), dims=(*axes, "seed"))
        for place in lost:
            status[place] = 1
        cube = synthetic.make_cube(
            -2.0 - 3.0 * at - 5.0 * bend * at * (1 - at),
            90.0 - 20.0 * bend**2,
            seeds=seeds,
            status=status,
            scatter=0.2,
        )
        cube = cube.map_over_datasets(lambda node: node.squeeze("negative_slope", drop=True))
        cube.attrs = attrs | attributes
        return cube

    return build


@pytest.fixture
def sharp(synthetic):
    def build(seeds: int = 1, noise: str = "dropout", columns=(0.28, 0.16, 0.08, 0.0)):
        cube = synthetic.theory_cube(noise, columns, (0.0, 0.4, 1.0), seeds=seeds, preset="laptop")
        bend = load_curves.convexity_index(load_curves.load_curve(cube, over=None))
        top = np.exp(3 - 20 * bend).expand_dims(epoch=[100], axis=-1)
        cube["/network"] = xr.Dataset(
            {"hessian_top_eigenvalue": top, "hessian_trace": 40 * top}
        ).astype("float32")
        return cube

    return build


def draw(name, cube):
    return papers.draw(name, dict.fromkeys(papers.FIGURES[name].experiments, cube))


def words(figure) -> str:
    texts = (text.get_text() for text in figure.findobj(Text))
    return " ".join(" ".join(texts).split()).replace("\u00a0", " ").replace("\u2009", " ")


def lines(axes) -> dict:
    return {line.get_gid(): line for line in axes.lines if line.get_gid()}


# --- the CNN ---------------------------------------------------------------------------------


def test_a_stand_in_says_what_it_stands_in_with(cnn, assert_readable):
    figure = draw("cnn_load_curves", cnn())
    text = words(figure)
    assert "CNN, reduced stand-in on MNIST: not CIFAR-10" in text
    assert (
        "MNIST (mnist_5k), 512 training images, 200 full-batch steps, Adam at learning rate "
        in text
    )
    assert "learning rate 1e-3, n = 2 seeds a rate; preset laptop." in text
    assert "departs in data set, number of images, number of steps, learning rate, " in text
    assert "learning rate, dropout rates, seeds. a: " in text
    assert "as published" not in text
    assert_readable(figure)


def test_only_the_paper_preset_is_the_published_experiment(cnn, assert_readable):
    cube = cnn("paper")
    assert departures(cube, CNN_CIFAR10) == []
    figure = draw("cnn_load_curves", cube)
    text = words(figure)
    assert "CNN on CIFAR-10 as published" in text
    assert "stand-in" not in text
    assert "departs" not in text
    assert "2 560 training images, 2 001 full-batch steps" in text
    assert_readable(figure)
    for preset in ("laptop", "smoke"):
        assert departures(cnn(preset), CNN_CIFAR10)


@pytest.mark.parametrize(
    ("section", "change"),
    [
        ("training", {"epochs": 600}),
        ("training", {"learning_rate": 3e-4}),
        ("training", {"beta1": 0.8}),
        ("training", {"early_stop": None}),
        ("model", {"channels": 10}),
        ("noise", {"kind": "fresh", "label_noise": 0.1}),
        ("noise", {"kind": "static", "input_noise": 0.1}),
        ("dataset", {"n_train": 2559}),
        ("dataset", {"grayscale": True}),
    ],
)
def test_one_setting_off_is_no_publication(cnn, section, change):
    cube = cnn("paper")
    known = json.loads(cube.attrs["settings"])
    known[section] = known.get(section, {}) | change
    cube.attrs["settings"] = json.dumps(known)
    cube.attrs["dataset"] = json.dumps(known["dataset"])
    away = departures(cube, CNN_CIFAR10)
    assert away
    assert all(name.startswith(("dataset.", f"{section}.")) for name in away)


def test_other_rates_or_fewer_seeds_are_no_publication(cnn):
    assert departures(cnn("paper", rates=(0, 0.01, 0.04, 0.64)), CNN_CIFAR10) == ["dropout"]
    few = cnn("paper", seeds=3)
    assert departures(few, CNN_CIFAR10) == ["seeds"]
    text = words(draw("cnn_load_curves", few))
    assert "CNN on CIFAR-10, reduced: not the published experiment" in text
    assert departures(cnn("paper", seeds=12), CNN_CIFAR10) == []


@pytest.mark.parametrize("preset", ["laptop", "paper"])
@pytest.mark.parametrize(
    ("source", "title", "note"),
    [
        ("cifar10", "CNN on CIFAR-10, reduced: not", "CIFAR-10 (cifar10), 2 560 training images"),
        (
            "cifar10_subset",
            "CNN on a subset of CIFAR-10, reduced: not",
            "A subset of CIFAR-10 (cifar10_subset), 2 560 training images",
        ),
    ],
)
def test_the_reduced_experiment_is_named_as_reduced(
    cnn, assert_readable, preset, source, title, note
):
    cube = cnn(preset, name="cnn_cifar10_reduced")
    # What a cube trained on a local subset says of its data.
    for name in ("settings", "dataset", "dataset_source"):
        cube.attrs[name] = cube.attrs[name].replace("cifar10", source)
    figure = draw("cnn_load_curves_reduced", cube)
    text = words(figure)
    assert f"{title} the published experiment" in text
    assert f"{note}, 600 full-batch steps, Adam at learning rate 3e-4, n = 2 seeds" in text
    assert "stand-in" not in text
    away = departures(cube, CNN_CIFAR10)
    assert {"training.epochs", "training.learning_rate", "dropout", "seeds"} <= set(away)
    assert ("data set, " in text) == (source != "cifar10")
    assert "number of steps, learning rate, dropout rates, seeds" in text
    assert_readable(figure)


def test_the_reduced_experiment_is_that_of_the_specification():
    full = load_experiment("cnn_cifar10", "paper", EXPERIMENTS)
    for preset in ("laptop", "paper"):
        e = load_experiment("cnn_cifar10_reduced", preset, EXPERIMENTS)
        # Section 5: two seeds, four rates, 600 steps at 3e-4; everything else as published.
        assert e.seeds == (1, 2)
        assert e.grid == {"dropout": (0.0, 0.08, 0.32, 0.64)}
        changed = full.settings["training"] | {"learning_rate": 3e-4, "epochs": 600}
        assert e.settings == full.settings | {"training": changed}
        assert e.measure == full.measure
    smoke = load_experiment("cnn_cifar10_reduced", "smoke", EXPERIMENTS)
    assert smoke.settings["dataset"]["source"] == "digits"
    assert smoke.settings["training"]["epochs"] == 40


@pytest.mark.parametrize("broken", ["{", "[]", '{"training": {"epochs": "many"}}', "{}"])
def test_a_cube_that_does_not_say_is_no_publication(cnn, broken):
    cube = cnn("paper", settings=broken, dataset=broken)
    assert departures(cube, CNN_CIFAR10)
    assert "not the published experiment" in words(draw("cnn_load_curves", cube))


def test_static_noise_of_a_prepared_data_set_is_told(cnn):
    cube = cnn("paper")
    recipe = json.loads(cube.attrs["dataset"]) | {"static_label_noise": 0.25}
    cube.attrs["dataset"] = json.dumps(recipe)
    assert settings(cube)["dataset.static_label_noise"] == 0.25
    assert departures(cube, CNN_CIFAR10) == ["dataset.static_label_noise"]


def test_curves_are_those_of_the_cube(cnn):
    cube = cnn(rates=(0.32, 0.0, 0.16))  # order of the YAML file does not matter
    a, b, c = draw("cnn_load_curves", cube).axes
    drawn = lines(a)
    assert list(drawn) == [
        f"{kind}:{rate}{seed}"
        for rate in ("0", "0.16", "0.32")
        for kind, seed in (("seed", ",1"), ("seed", ",2"), ("mean", ""))
    ]
    mean = load_curves.load_curve(cube)
    for rate in (0.0, 0.16, 0.32):
        line = drawn[f"mean:{rate:g}"]
        np.testing.assert_allclose(line.get_ydata(), mean.sel(dropout=rate))
        assert list(line.get_xdata()) == list(range(8))
    assert len({str(drawn[f"mean:{rate}"].get_color()) for rate in ("0", "0.16", "0.32")}) == 3
    index = load_curves.convexity_index(mean).sortby("dropout")
    np.testing.assert_allclose(lines(c)["mean"].get_ydata(), index, rtol=1e-4)
    np.testing.assert_allclose(
        lines(b)["mean"].get_ydata(), selecting.mean_accuracy(cube).sortby("dropout"), rtol=1e-6
    )
    assert b.get_ylabel() == "test accuracy (%)"
    assert [t.get_text() for t in c.get_xticklabels()] == ["0", "0.16", "0.32"]
    bar = b.containers[0].lines[2][0].get_segments()[0][:, 1]
    runs = selecting.accuracy(cube).sel(dropout=0.0)
    assert np.ptp(bar) == pytest.approx(2 * float(runs.std(ddof=1)))


def test_smallest_grids_draw(cnn, assert_readable):
    smoke = cnn("smoke", name="cnn_cifar10_reduced")
    assert "CNN, reduced stand-in on " in words(draw("cnn_load_curves_reduced", smoke))
    for options in ({"preset": "smoke"}, {"rates": (0.0,)}, {"rates": (0.1, 0.2), "seeds": 1}):
        figure = draw("cnn_load_curves", cnn(**options))
        assert_readable(figure)
    assert "b, c: values of the one seed." in words(figure)
    text = words(draw("cnn_load_curves", cnn(lost=[(1, 0, 0), (1, 0, 1), (2, 0, 0)])))
    assert "3 runs diverged or missing: left out of the means." in text


def test_early_stopping_is_told(cnn):
    cube = cnn()
    run = xr.full_like(cube["status"], 200, dtype="float32")
    run[0, 0] = 150
    cube["epochs_run"] = run
    assert "150 to 200 full-batch steps" in words(draw("cnn_load_curves", cube))


def test_a_second_axis_is_refused(sharp):
    with pytest.raises(LayerAtlasError, match=r"select one value of \['negative_slope'\]"):
        draw("cnn_load_curves", sharp())


# --- sharpness -------------------------------------------------------------------------------


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


def test_rank_and_count_are_in_the_legend(sharp, assert_readable):
    figure = draw("sharpness", sharp())
    for axes in figure.axes:
        assert axes.get_legend().get_title().get_text() == "Spearman ρ = −1.00, n = 12 cells"
    text = words(figure)
    assert "n = 1 seed a cell" in text
    assert "not drawn" not in text
    assert_readable(figure)


def test_what_a_logarithmic_axis_cannot_show_is_told(sharp):
    cube = sharp()
    cube["network"]["hessian_trace"][0, 0] = -1.0
    cube["network"]["hessian_top_eigenvalue"][0, 1] = np.nan
    cube["status"][2, 2] = 1
    figure = draw("sharpness", cube)
    titles = [axes.get_legend().get_title().get_text() for axes in figure.axes]
    assert all(title.endswith("n = 10 cells") for title in titles)
    assert "not drawn: a 2, b 2" in words(figure)


def test_any_source_of_noise_will_do(sharp, assert_readable):
    rates = (1e-1, 1e-2, 1e-3, 1e-4)
    figure = draw("sharpness", sharp(noise="learning_rate", columns=rates))
    assert r"learning rate $\eta$" in words(figure)
    assert_readable(figure)
    # The full published grid has the longest legends.
    columns = (0.28, 0.24, 0.20, 0.16, 0.12, 0.08, 0.04, 0.0)
    assert_readable(draw("sharpness", sharp(seeds=10, columns=columns)))


def test_the_experiment_measures_what_is_drawn():
    for preset in ("smoke", "laptop", "paper"):
        e = load_experiment("sharpness", preset, EXPERIMENTS)
        assert {"data_separation", "hessian_top_eigenvalue", "hessian_trace"} == set(
            e.measure.metrics
        )
    assert e.grid == load_experiment("phase_diagram_dropout", "paper", EXPERIMENTS).grid
    assert len(e.seeds) == 10


# --- files -----------------------------------------------------------------------------------


def test_saved_twice_is_the_same_bytes(cnn, sharp, tmp_path):
    for name, build in (("cnn_load_curves", cnn), ("sharpness", sharp)):
        one, two = (
            [
                p.read_bytes()
                for p in output.save(draw(name, build()), tmp_path / f / name, IDENTITY)
            ]
            for f in ("one", "two")
        )
        assert one == two, name
