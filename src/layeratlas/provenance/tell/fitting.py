"""Tables in the width there is, with whole words: paths and sentences are read, and copied.

A table whose columns hold their longest words is a table. Where a terminal is too narrow for that,
or a row would be a tower of short lines, each row is a block: its first cell, and under it the
others, each after its heading.
"""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Sequence

from rich.cells import cell_len

GAP = 2
"""Blanks between two columns."""
_TALLEST = 6
"""Lines of a row, at most."""
_INDENT = "  "

Rows = Sequence[Sequence[str]]


def fitted(headings: Sequence[str], rows: Rows, width: int) -> list[int] | None:
    """Widths of the columns of a table that is at most `width` wide, in which every word is whole;
    None where there are none, or rows would be taller than a few lines.

    What is left over goes to the narrowest columns first: short ones stay on one line.
    """
    columns = list(zip(headings, *rows, strict=True))
    least = [max(map(_longest_word, column)) for column in columns]
    natural = [max(map(cell_len, column)) for column in columns]
    free = width - GAP * (len(columns) - 1)
    if sum(least) > free:
        return None

    def at(level: int) -> list[int]:
        return [min(n, max(m, level)) for n, m in zip(natural, least, strict=True)]

    widths = max((at(level) for level in range(free + 1) if sum(at(level)) <= free), key=sum)
    tallest = max(len(row_lines(row, widths)) for row in (headings, *rows))
    return widths if tallest <= _TALLEST else None


def row_lines(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Lines of one row of a table, its headings too."""
    cells = [_wrapped(text, wide) for text, wide in zip(row, widths, strict=True)]
    return [
        (" " * GAP)
        .join(
            part + " " * (wide - cell_len(part)) for part, wide in zip(parts, widths, strict=True)
        )
        .rstrip()
        for parts in itertools.zip_longest(*cells, fillvalue="")
    ]


def blocks(headings: Sequence[str], rows: Rows, width: int) -> list[str]:
    """Lines of a table a block a row. A word that is longer than a line stands on a line alone."""
    label = max(map(cell_len, headings[1:]), default=0)
    lines: list[str] = []
    for first, *others in rows:
        lines += _wrapped(first, width)
        for heading, text in zip(headings[1:], others, strict=True):
            if not text:
                continue
            before = f"{_INDENT}{heading}{' ' * (label - cell_len(heading))}{' ' * GAP}"
            head, *rest = _wrapped(text, width - cell_len(before))
            lines += [before + head, *(" " * cell_len(before) + line for line in rest)]
    return lines


def _longest_word(text: str) -> int:
    return max(map(cell_len, text.split(" ")))


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 1), break_long_words=False, break_on_hyphens=False) or [
        ""
    ]
