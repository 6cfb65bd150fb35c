"""Notes under four panels tell what they share, and which panel differs."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from made.readable import plain

from layeratlas.papers.spring_block.figures.panel_words import population_told, told_by_letter
from layeratlas.papers.spring_block.panels import PANELS


def cube(seeds=3, **attrs) -> xr.DataTree:
    attrs = {"n_train": 2560, "dataset_source": "mnist", "preset": "laptop"} | attrs
    return xr.DataTree(xr.Dataset({"status": ("seed", np.zeros(seeds, "i1"))}, attrs=attrs))


def told(*cubes) -> str:
    return plain(population_told({p.experiment: c for p, c in zip(PANELS, cubes, strict=False)}))


def test_what_all_share_is_told_once():
    assert told(*[cube()] * 4) == (
        "n = 3 seeds a cell, 2 560 training images (mnist); preset laptop."
    )
    assert told(cube(seeds=1)).startswith("n = 1 seed a cell")


def test_exceptions_have_their_letters():
    text = told(cube(), cube(n_train=1000), cube(), cube(seeds=5))
    assert "n = 3 (a b c), 5 (d) seeds" in text
    assert "2 560 (a c d), 1 000 (b) training images" in text


@pytest.mark.parametrize(
    ("attrs", "name"),
    [
        ({"dataset_source": None, "dataset": json.dumps({"name": "digits"})}, "digits"),
        ({"dataset_source": None, "dataset": "[]"}, "unstated"),
        ({"dataset_source": None, "dataset": "{"}, "unstated"),
    ],
)
def test_a_data_set_is_named_by_its_source_or_else_its_recipe(attrs, name):
    assert f"({name})" in told(cube(**attrs))


def test_values_by_letter():
    assert plain(told_by_letter({"a": "0.012", "c": "0.009"})) == "a 0.012, c 0.009"
    assert told_by_letter({}) == ""
