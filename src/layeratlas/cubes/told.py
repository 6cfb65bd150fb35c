"""What a cube tells of itself in attributes that are JSON: settings, data set, library."""

from __future__ import annotations

from typing import Any

import xarray as xr

from layeratlas.bounded.documents import parse_json
from layeratlas.errors import LayerAtlasError, UnreadableError

__all__ = ["told", "told_setting"]


def told(cube: xr.DataTree, attribute: str) -> dict[str, Any]:
    """The mapping in an attribute of the root; empty where there is none, or none that can be read.

    Attributes of a cube are as foreign as the rest of it: bounded in depth, count and size.
    """
    text = cube.attrs.get(attribute)
    if not isinstance(text, str):
        return {}
    try:
        value = parse_json(text, f"attribute {attribute}")
    except UnreadableError:
        return {}
    return value if isinstance(value, dict) else {}


#: Stands for no default: a setting that is not told is an error.
_NEEDED = object()


def told_setting(
    cube: xr.DataTree, name: str, attribute: str = "settings", *, default: Any = _NEEDED
) -> Any:
    """A fixed setting of the cube's experiment by dotted name, e.g. `model.width`.

    `default`, or without one LayerAtlasError, where the cube does not tell it.
    """
    node: Any = told(cube, attribute)
    for part in name.split("."):
        if not isinstance(node, dict) or part not in node:
            if default is not _NEEDED:
                return default
            raise LayerAtlasError(f"the cube does not tell its setting {name}")
        node = node[part]
    return node
