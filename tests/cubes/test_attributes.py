"""What every cube says of itself."""

from __future__ import annotations

import json

from layeratlas import __version__
from layeratlas.cubes.attributes import cube_attributes


def test_own_attributes_stand_before_the_settings():
    settings = {"b": 1, "a": {"c": None}}
    about = {"name": "x", "preset": "smoke", "title": "t", "summary": "s", "references": "r"}
    found = cube_attributes({**about, "settings": settings}, {"axes": "slope"})
    assert list(found)[-2:] == ["axes", "settings"] and json.loads(found["settings"]) == settings
    assert found["source"] == f"Layer Atlas {__version__}" and found["experiment"] == "x"
