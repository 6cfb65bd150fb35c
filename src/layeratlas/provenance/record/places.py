"""Where records and kept versions lie, relative to the project's folder."""

from __future__ import annotations

from pathlib import Path

RECORDS = Path("provenance") / "records"
OBJECTS = Path("store") / "objects"
FIGURE_SUFFIXES = (".pdf", ".png", ".svg")
#: Files that may carry a figure's identity: animations and tables too.
MARKED_SUFFIXES = (*FIGURE_SUFFIXES, ".gif", ".tex", ".md")


def nearest_store(start: Path) -> Path | None:
    """The nearest folder at or above `start` that holds records or kept versions."""
    for folder in (start, *start.parents):
        # A Python package may well be called `provenance` or `store`: look one level deeper.
        if any((folder / inner).is_dir() for inner in (RECORDS, OBJECTS)):
            return folder
    return None
