"""Where records and kept versions lie, relative to the project's folder."""

from __future__ import annotations

from pathlib import Path

RECORDS = Path("provenance") / "records"
OBJECTS = Path("store") / "objects"
FIGURE_SUFFIXES = (".pdf", ".png", ".svg")
#: Files that may carry a figure's identity: animations and tables too.
MARKED_SUFFIXES = (*FIGURE_SUFFIXES, ".gif", ".tex", ".md")
