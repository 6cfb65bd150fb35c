"""What jobs left in their logs: all there is to go by for one that ran on another machine."""

from __future__ import annotations

import os
from pathlib import Path

from layeratlas import errors
from layeratlas.words import printable

#: A log that libraries filled has its sentence at the end.
_MOST = 1 << 16


def content(log: str) -> list[str]:
    """A heading and its lines; none of a log that is not there."""
    if not log:
        return []
    try:
        with Path(log).open(encoding="utf-8", errors="replace") as file:
            return [f"{log}:", *("  " + printable(line.rstrip("\n")) for line in file)]
    except OSError:
        return []


def last_word(log: str) -> str:
    """The sentence with which the frame around a script (`workflow.frame`) ended its log, as it
    would have told it to a display; empty where there is none."""
    try:
        with Path(log).open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _MOST))
            lines = file.read(_MOST).decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    line = next((line.strip() for line in reversed(lines) if line.strip()), "")
    name, found, sentence = line.partition(": ")
    # Of the project's own errors the sentence says all.
    return sentence if found and hasattr(errors, name) else line
