"""What a cube tells of itself, and what is not taken for it."""

from __future__ import annotations

import json

import pytest
import xarray as xr

from layeratlas.cubes.told import told, told_setting
from layeratlas.errors import LONGEST, LayerAtlasError

SETTINGS = {"model": {"width": 8, "family": "mlp"}, "dtype": "float32"}


def cube(text) -> xr.DataTree:
    return xr.DataTree(xr.Dataset(attrs={"settings": text}))


def test_settings_are_found_by_their_dotted_names():
    one = cube(json.dumps(SETTINGS))
    assert told(one, "settings") == SETTINGS
    assert told_setting(one, "model.width") == 8
    assert told_setting(one, "dtype") == "float32"
    assert told(one, "dataset") == {}


@pytest.mark.parametrize("name", ["model.depth", "model.width.x", "nothing", "", "model..width"])
def test_what_is_not_told_is_said(name):
    with pytest.raises(LayerAtlasError, match="does not tell its setting"):
        told_setting(cube(json.dumps(SETTINGS)), name)


@pytest.mark.parametrize(
    "text",
    ["[" * 200_000, "{", "", "[]", "1", '{"model": 1' + "0" * 5000 + "}", 7, ["a"], None],
    ids=["deep", "broken", "empty", "list", "number", "long", "integer", "names", "none"],
)
def test_what_cannot_be_read_is_nothing(text):
    assert told(cube(text), "settings") == {}
    with pytest.raises(LayerAtlasError) as refused:
        told_setting(cube(text), "model.width")
    assert len(str(refused.value)) <= LONGEST
