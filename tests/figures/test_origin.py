"""Every figure says of which data, how many samples and runs, and at which preset."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from made.readable import plain

from layeratlas.datasets import SOURCES
from layeratlas.figures.origin import data_title, origin


def cube(seeds: int | None = 3, **attributes) -> xr.DataTree:
    dims = {} if seeds is None else {"status": ("seed", np.zeros(seeds))}
    return xr.DataTree(xr.Dataset(dims, attrs={"preset": "laptop", **attributes}))


def told(*args, **more) -> str:
    return plain(origin(*args, **more))


def test_one_sentence_where_all_agree():
    both = {name: cube(dataset_source="mnist", n_train=60000) for name in "ab"}
    want = "Preset laptop: MNIST, 60 000 training samples, n = 3 seeds."
    assert told(both) == told(both, letters={"a": "A", "b": "B"}) == want


def test_what_differs_is_told_by_panel():
    both = {
        "x": cube(dataset_source="mnist", n_train=1000),
        "y": cube(1, dataset_source="mnist", n_train=2560),
        "z": cube(1, dataset_source="mnist", n_train=2560),
    }
    assert told(both, letters={"x": "a", "y": "b", "z": "c"}) == (
        "Preset laptop: MNIST, 1 000 training samples (a) or 2 560 training samples (b, c), "
        "n = 3 seeds (a) or n = 1 seed (b, c)."
    )


def test_panels_without_a_letter_go_by_their_experiment():
    both = {"x": cube(), "springs_of_mine": cube(20)}
    assert told(both, letters={"x": "a", "other": "b"}) == (
        "Preset laptop: n = 3 seeds (a) or n = 20 seeds (springs of mine)."
    )
    assert told(both) == "Preset laptop: n = 3 seeds or n = 20 seeds."


@pytest.mark.parametrize(
    ("source", "published", "shown"),
    [
        ("digits", ("mnist",), "8×8 digits of scikit-learn (stand-in for MNIST)"),
        ("mnist_5k", ("mnist",), "5,000 MNIST digits"),
        ("cifar10_subset", ("cifar10",), "a tenth of CIFAR-10"),
        ("mnist", ("cifar10",), "MNIST (stand-in for CIFAR-10)"),
        ("mnist", ("cifar10", "svhn"), "MNIST (stand-in for CIFAR-10 or SVHN)"),
        ("mnist", ("cifar10", "svhn", "stl10"), "MNIST (stand-in)"),
        ("digits", (), "8×8 digits of scikit-learn"),
        ("my_own_set", ("mnist",), "my own set (stand-in for MNIST)"),
    ],
)
def test_what_the_paper_did_not_use_is_a_stand_in(source, published, shown):
    assert told({"e": cube(dataset_source=source)}, published) == (
        f"Preset laptop: {shown}, n = 3 seeds."
    )


def test_what_is_not_known_is_left_out_and_no_cube_says_nothing():
    assert origin({}) == ""
    assert told({"e": cube(None)}) == "Preset laptop: ."
    assert told({"e": xr.DataTree(xr.Dataset({"status": ("seed", [0])}))}) == (
        "Preset unstated: n = 1 seed."
    )


def test_of_points_with_unequally_many_seeds_both_ends_are_told():
    asked_in = [[0, 0, -1, -1, -1], [0, 1, 1, 0, -1], [0, 0, 1, -1, -1]]
    points = xr.DataTree.from_dict(
        {
            "/": cube(5).to_dataset(),
            "/refined": xr.Dataset({"asked_in": (("point", "seed"), asked_in)}),
        }
    )
    assert told({"e": points}) == "Preset laptop: n = 2 to 4 seeds."
    alike = points.isel(point=[0])
    assert told({"e": alike}) == "Preset laptop: n = 2 seeds."


@pytest.mark.parametrize(
    ("section", "word"), [("probe", "draws"), ("chain", "realisations"), ("training", "seeds")]
)
def test_repetitions_are_called_by_their_name(section, word):
    told_as = cube(settings=json.dumps({section: {}}))
    assert told({"e": told_as}) == f"Preset laptop: n = 3 {word}."


def test_every_data_set_has_a_name_in_running_text():
    for source in SOURCES:
        assert data_title(source)
        assert "_" not in data_title(source)


def test_panels_of_the_name_of_their_data_set_are_not_named_again():
    letters = {"a": "MNIST", "b": "CIFAR-10", "c": "VGG"}
    cubes = {
        "a": cube(dataset_source="mnist"),
        "b": cube(dataset_source="cifar10"),
        "c": cube(dataset_source="cifar10"),
    }
    assert plain(origin(cubes, (), letters)) == (
        "Preset laptop: MNIST or CIFAR-10 (VGG), n = 3 seeds."
    )
