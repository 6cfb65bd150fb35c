"""Answers of the store for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text
from rich.tree import Tree

from layeratlas.provenance.tell.fitting import blocks, fitted, row_lines
from layeratlas.provenance.tell.grouping import facts, grouped, title
from layeratlas.words import printable, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

LONGEST = 400
"""Characters of a cell; `--json` tells it whole."""
_SAME = ("commit ", "version ", "environment ")


def tree(table: pd.DataFrame, every: bool = False) -> Tree:
    """A lineage as a tree; many equal siblings as one line unless `every` is set.

    Each file stands once, under the last stage that used it.
    """
    groups = grouped(table, keep=len(table) if every else 4)
    branches: list[Tree] = []
    told = [facts(table, group) for group in groups]
    for i, group in enumerate(groups):
        parent = max(group.used_by, key=lambda i: (groups[i].depth, -i), default=None)
        label = Text(title(table, group), style="bold")
        for line in told[i]:
            # Most files come from one commit and environment: said once, and where it changes.
            if not (parent is not None and line.startswith(_SAME) and line in told[parent]):
                label.append(f"\n{line}", style="not bold dim")
        branches.append(Tree(label) if parent is None else branches[parent].add(label))
    return branches[0]


def grid(table: pd.DataFrame, columns: Mapping[str, str], width: int) -> Text:
    """The `columns` {name in the answer: heading} of an answer, `width` wide: a table, or a block a
    row where words would be cut."""
    headings = list(columns.values())
    rows = [[cell(row[name], name) for name in columns] for _, row in table.iterrows()]
    widths = fitted(headings, rows, width)
    # Text objects: rich would take the brackets of a path or list for markup.
    if widths is None:
        # Longer words than lines are cut by whoever shows them, not here.
        return Text("\n".join(blocks(headings, rows, width)))
    head = "\n".join(row_lines(headings, widths))
    lines = [line for row in rows for line in row_lines(row, widths)]
    return Text("\n").join([Text(head, style="bold"), *map(Text, lines)])


def cell(value: Any, name: str = "") -> str:
    """One value as short text; hashes to 12 digits, times to the minute."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        shown = ", ".join(cell(item) for item in value[:6])
        return shortened(shown, LONGEST) + (f", … ({len(value)})" if len(value) > 6 else "")
    if isinstance(value, dict):
        value = "; ".join(f"{key}: {cell(item)}" for key, item in value.items())
    # Text of files: nothing in it may move the cursor, or bury the rest of the table.
    text = shortened(printable(str(value)), LONGEST)
    if name in ("started", "published"):
        return text[:19].replace("T", " ")
    if name in ("digest", "content_hash", "commit", "source", "configuration", "environment"):
        return text[:12]
    return text if text != "<NA>" else ""
