"""Projections of a decoder by block and part, at the default scale."""

from __future__ import annotations

import json

import numpy as np
import xarray as xr
from made.token_cubes import token_cube
from made.turned import backwards

from layeratlas.papers.nfa import tokens


def test_projections_are_by_block_and_part():
    found = tokens.projections(token_cube(), "uc_nfc")
    assert found.dims == ("seed", "record", "block", "projection")
    assert list(found["block"].values) == [1, 2]
    assert list(found["projection"].values) == ["query", "key", "value"]
    value = found.sel(record="step 1", block=2, projection="key").values
    np.testing.assert_allclose(value, 0.5 + 0.02 * 4)
    xr.testing.assert_identical(tokens.projections(backwards(token_cube()), "uc_nfc"), found)


def test_the_default_scale_is_shown_or_the_nearest():
    assert tokens.scale_shown(token_cube()) == 1
    assert tokens.scale_shown(token_cube(gains=(0.1, 1.5, 20.0))) == 1.5


def test_yardsticks_are_the_text_s():
    assert tokens.yardsticks(token_cube()) == {"unigram": 3.35, "bigram": 2.48}


def test_the_text_is_told_by_its_name_or_file():
    cube = token_cube()
    assert tokens.text_of(cube) == "unstated text"
    for dataset, told in (
        ({"source": "tiny_shakespeare"}, "tiny Shakespeare"),
        ({"source": "text", "path": "my/plays.txt"}, "plays.txt"),
    ):
        cube.attrs["settings"] = json.dumps({"dataset": dataset})
        assert tokens.text_of(cube) == told
