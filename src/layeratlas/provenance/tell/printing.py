"""Answers on standard output: a table for people, or JSON for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.text import Text

from layeratlas.provenance.tell.show import grid
from layeratlas.words import printable

if TYPE_CHECKING:
    from rich.console import RenderableType

# A pipe has no width of its own; 80 columns would break every line.
_PIPE_WIDTH = 160


def print_rich(*what: RenderableType, console: Console | None = None) -> None:
    """Print text, a table or a tree as wide as the terminal; `Text` has its lines already."""
    console = console or _console()
    for part in what:
        console.print(part, crop=False, soft_wrap=isinstance(part, Text))


def _console() -> Console:
    console = Console(highlight=False, markup=False)
    if console.is_terminal:
        return console
    return Console(highlight=False, markup=False, width=_PIPE_WIDTH)


def print_table(table: pd.DataFrame, columns: Mapping[str, str], words: str | None = None) -> None:
    """The `columns` {name in the answer: heading} of an answer, and a line that sums it up."""
    shown: list[RenderableType] = []
    if len(table):
        shown.append(grid(table, columns, _console().width))
    print_rich(*shown, *([printable(words)] if words else []))


def print_json(table: pd.DataFrame) -> None:
    """A list with an object a row, in the order of the table; what is unknown is null."""
    rows = [{name: plain(value) for name, value in row.items()} for row in table.to_dict("records")]
    text = json.dumps(rows, indent=2, ensure_ascii=False, allow_nan=False)
    # JSON lets pass what would still move the cursor of a terminal.
    print(re.sub(r"[^\n -~]", lambda found: _sign(found[0]), text))


def _sign(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1]


def plain(value: Any) -> Any:
    """`value` as JSON can hold it: NaN as null, infinities and what is unknown to JSON as text."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return str(value)
    return value if isinstance(value, bool | int | float | str) else str(value)
