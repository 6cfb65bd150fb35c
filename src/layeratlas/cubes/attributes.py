"""What every cube says of itself, whichever way it was made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from layeratlas import __version__

__all__ = ["cube_attributes"]


def cube_attributes(description: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of the root of a cube (ACDD), with those of its `own` before its settings.

    `description` is of the experiment, as `config.expansion.describe` gives it.
    """
    return {
        "title": description["title"],
        "summary": description["summary"],
        "Conventions": "CF-1.11, ACDD-1.3",
        "source": f"Layer Atlas {__version__}",
        "references": description["references"],
        "experiment": description["name"],
        "preset": description["preset"],
        **own,
        "settings": json.dumps(description["settings"], sort_keys=True),
    }
