"""Whose figure stands where one is about to be written: presets share `figures/`."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["preset_shown", "told_of_replacing"]

#: In a sealed identity, which every format carries as it is, or in the comment of a table.
_PRESET = re.compile(
    rb'"preset": "([A-Za-z0-9_-]{1,64})"|Layer Atlas, preset ([A-Za-z0-9_-]{1,64})'
)
_MOST = 64 * 1024 * 1024


def preset_shown(path: Path) -> str | None:
    """The preset of the figure, map, table or animation in this file; None where it does not say,
    or there is none."""
    from layeratlas.errors import StoreError
    from layeratlas.figures.output import FORMATS, read_identity

    if not path.is_file() or path.stat().st_size > _MOST:
        return None
    if path.suffix[1:] in FORMATS:
        try:
            return read_identity(path).get("preset")
        except (StoreError, OSError):
            return None
    found = _PRESET.search(path.read_bytes())
    return (found[1] or found[2]).decode() if found else None


def told_of_replacing(path: Path, preset: str, kept: str = "") -> str:
    """A sentence where `path` shows another preset than the one that is to be written; "" else.

    `kept` is where the other one stays, as a pattern of its preset.
    """
    before = preset_shown(path)
    if before in (None, preset):
        return ""
    stays = f"; that of {before} stays in {kept.format(preset=before)}" if kept else ""
    return f"{path} showed preset {before} and shows {preset} now{stays}"
