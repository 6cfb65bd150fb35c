"""Notes under figures."""

from __future__ import annotations

import json

import xarray as xr

from layeratlas.papers.feature_speed.figures import notes


def cube(**attributes) -> xr.DataTree:
    return xr.DataTree.from_dict({"/": xr.Dataset(attrs=attributes)})


def test_counts_agree_with_their_noun():
    assert notes.count(1, "draw") == "1 draw"
    assert notes.count(0, "seed") == "0 seeds"


def test_what_is_told_is_what_the_cube_says():
    step = cube(settings=json.dumps({"probe": {"step": 0.001}}))
    assert notes.finite_step(step) == "0.001"
