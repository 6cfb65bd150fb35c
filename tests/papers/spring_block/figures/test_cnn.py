"""The CNN's figure says what was trained."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from made.readable import check_readable, drawn, words
from made.synthetic import turned

from layeratlas import papers
from layeratlas.config.experiment import load_experiment
from layeratlas.cubes import selecting
from layeratlas.cubes.settings import departures, settings
from layeratlas.errors import LayerAtlasError
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.published import CNN_CIFAR10

EXPERIMENTS = Path(__file__).parents[4] / "config/experiments"


def draw(name, cube):
    return papers.draw(name, dict.fromkeys(papers.FIGURES[name].experiments, cube))


def by_id(axes) -> dict:
    return {line.get_gid(): line for line in axes.lines if line.get_gid()}


def test_a_stand_in_says_what_it_stands_in_with(cnn):
    figure = draw("cnn_load_curves", cnn())
    text = words(figure)
    assert "CNN, reduced stand-in on MNIST: not CIFAR-10" in text
    assert "200 full-batch steps, Adam at learning rate 1e-3." in text
    assert (
        "Preset laptop: 5,000 MNIST digits (stand-in for CIFAR-10), 512 training samples, "
        "n = 2 seeds." in text
    )
    assert "departs in data set, number of images, number of steps, learning rate, " in text
    assert "learning rate, dropout rates, seeds. a: " in text
    assert "as published" not in text
    check_readable(figure)


def test_only_the_paper_preset_is_the_published_experiment(cnn):
    cube = cnn("paper")
    assert departures(cube, CNN_CIFAR10) == []
    figure = draw("cnn_load_curves", cube)
    text = words(figure)
    assert "CNN on CIFAR-10 as published" in text
    assert "stand-in" not in text
    assert "departs" not in text
    assert "2 001 full-batch steps" in text
    assert "Preset paper: CIFAR-10, 2 560 training samples, n = 10 seeds." in text
    check_readable(figure)
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
        ("cifar10", "CNN on CIFAR-10, reduced: not", "CIFAR-10, 2 560 training samples"),
        (
            "cifar10_subset",
            "CNN on a subset of CIFAR-10, reduced: not",
            "a tenth of CIFAR-10, 2 560 training samples",
        ),
    ],
)
def test_the_reduced_experiment_is_named_as_reduced(cnn, preset, source, title, note):
    cube = cnn(preset, name="cnn_cifar10_reduced")
    # What a cube trained on a local subset says of its data.
    for name in ("settings", "dataset", "dataset_source"):
        cube.attrs[name] = cube.attrs[name].replace("cifar10", source)
    figure = draw("cnn_load_curves_reduced", cube)
    text = words(figure)
    assert f"{title} the published experiment" in text
    assert "600 full-batch steps, Adam at learning rate 3e-4." in text
    assert f"Preset {preset}: {note}, n = 2 seeds" in text
    assert "stand-in" not in text
    away = departures(cube, CNN_CIFAR10)
    assert {"training.epochs", "training.learning_rate", "dropout", "seeds"} <= set(away)
    assert ("data set, " in text) == (source != "cifar10")
    assert "number of steps, learning rate, dropout rates, seeds" in text
    check_readable(figure)


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
    drawn = by_id(a)
    assert list(drawn) == [
        f"{kind}:{rate}" for rate in ("0", "0.16", "0.32") for kind in ("seeds", "mean")
    ]
    seeds = [line for line in a.lines if line.get_gid() == "seeds:0.16"]
    for line, seed in zip(seeds, (1, 2), strict=True):
        wanted = load_curves.load_curve(cube, over=None).sel(dropout=0.16, seed=seed)
        np.testing.assert_allclose(line.get_ydata(), wanted)
    mean = load_curves.load_curve(cube)
    for rate in (0.0, 0.16, 0.32):
        line = drawn[f"mean:{rate:g}"]
        np.testing.assert_allclose(line.get_ydata(), mean.sel(dropout=rate))
        assert list(line.get_xdata()) == list(range(8))
    assert len({str(drawn[f"mean:{rate}"].get_color()) for rate in ("0", "0.16", "0.32")}) == 3
    index = load_curves.convexity_index(mean).sortby("dropout")
    np.testing.assert_allclose(by_id(c)["mean"].get_ydata(), index, rtol=1e-4)
    np.testing.assert_allclose(
        by_id(b)["mean"].get_ydata(), selecting.mean_accuracy(cube).sortby("dropout"), rtol=1e-6
    )
    assert b.get_ylabel() == "test accuracy (%)"
    assert [t.get_text() for t in c.get_xticklabels()] == ["0", "0.16", "0.32"]
    bar = b.containers[0].lines[2][0].get_segments()[0][:, 1]
    runs = selecting.accuracy(cube).sel(dropout=0.0)
    assert np.ptp(bar) == pytest.approx(2 * float(runs.std(ddof=1)))


def test_smallest_grids_draw(cnn):
    smoke = cnn("smoke", name="cnn_cifar10_reduced")
    assert "CNN, reduced stand-in on " in words(draw("cnn_load_curves_reduced", smoke))
    for options in ({"preset": "smoke"}, {"rates": (0.0,)}, {"rates": (0.1, 0.2), "seeds": 1}):
        figure = draw("cnn_load_curves", cnn(**options))
        check_readable(figure)
    assert "b, c: values of the one seed." in words(figure)
    text = words(draw("cnn_load_curves", cnn(lost=[(1, 0, 0), (1, 0, 1), (2, 0, 0)])))
    assert "Left out of means: cnn_cifar10 3 of " in text


def test_early_stopping_is_told(cnn):
    cube = cnn()
    run = xr.full_like(cube["status"], 200, dtype="float32")
    run[0, 0] = 150
    cube["epochs_run"] = run
    assert "150 to 200 full-batch steps" in words(draw("cnn_load_curves", cube))


def test_a_second_axis_is_refused(synthetic):
    cube = synthetic.theory_cube("dropout", (0.28, 0.0), (0.0, 0.4, 1.0))
    with pytest.raises(LayerAtlasError, match=r"select one value of \['negative_slope'\]"):
        draw("cnn_load_curves", cube)


def test_the_order_in_which_rates_are_stored_changes_no_byte(cnn):
    cube = cnn(lost=[(1, 0, 0)])
    ours, theirs = (drawn(draw("cnn_load_curves", c)) for c in (cube, turned(cube)))
    assert ours == theirs
