"""Tables as figures: drawn (PDF, PNG, SVG), written as LaTeX (booktabs) and as Markdown.

All three from the same cells, with formulas between dollar signs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from layeratlas.figures import style

__all__ = ["Table", "draw"]

#: Points; a page-wide table of formulas.
_SIZE = 7

#: What LaTeX needs of text outside formulas, besides `&`, `%`, `#` and `_`.
_IN_LATEX = {
    "µ": r"$\mu$",
    "σ": r"$\sigma$",
    "η": r"$\eta$",
    "β": r"$\beta$",
    "√": r"$\surd$",
    "–": "--",
    "−": "$-$",
    "≈": r"$\approx$",
    "±": r"$\pm$",
}


@dataclass(frozen=True)
class Table:
    """Cells as text with formulas between dollar signs; `groups` have a line between them.

    header: column heads; groups: rows of cells, each as long as the header; keys: how many columns,
    the first ones, name a row.
    """

    title: str
    header: Sequence[str]
    groups: Sequence[Sequence[Sequence[str]]]
    note: str
    keys: int = 1

    @property
    def rows(self) -> list[Sequence[str]]:
        """The rows of all groups."""
        return [row for group in self.groups for row in group]

    def to_markdown(self) -> str:
        """A pipe table, formulas as they are."""
        lines = [list(self.header), ["---"] * len(self.header), *map(list, self.rows)]
        body = "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
        return f"**{self.title}**\n\n{body}\n\n{self.note}\n"

    def to_latex(self) -> str:
        """A `table` environment for the packages booktabs and amsmath."""
        lines = [" & ".join(map(_latex, self.header)) + r" \\", r"\midrule"]
        for i, group in enumerate(self.groups):
            lines += [r"\midrule"] if i else []
            lines += [" & ".join(map(_latex, row)) + r" \\" for row in group]
        body = "\n".join(lines)
        columns = "l" * len(self.header)
        return (
            "\\begin{table}\n\\centering\n"
            f"\\caption{{{_latex(self.title)}. {_latex(self.note)}}}\n"
            "\\footnotesize\\setlength{\\tabcolsep}{3pt}\n"
            f"\\begin{{tabular}}{{{columns}}}\n\\toprule\n{body}\n\\bottomrule\n"
            "\\end{tabular}\n\\end{table}\n"
        )


def _latex(text: str) -> str:
    """Text outside formulas with LaTeX's special characters escaped."""
    parts = re.split(r"(\$[^$]*\$)", text)
    for i in range(0, len(parts), 2):
        parts[i] = re.sub(r"([&%#_])", r"\\\1", parts[i])
        for character, latex in _IN_LATEX.items():
            parts[i] = parts[i].replace(character, latex)
    return "".join(parts)


@style.styled
def draw(table: Table, *, width: float = style.PAGE) -> Figure:
    """The table as a figure of `width` inches.

    Where its columns do not fit beside each other they stand in parts, one below the other, each
    with the columns that name a row.
    """
    cells = [table.header, *table.rows]
    probe = style.new_figure(width, 1)
    small = width < style.PAGE
    # Where columns do not fit the page, smaller words come before parts.
    for size, room in ((_SIZE, 0.2), (style.SMALLEST, 0.12))[small:]:
        widths = [
            room + max(_extent(row[i], probe, size) for row in cells)
            for i in range(len(table.header))
        ]
        if sum(widths) <= width - _MARGIN:
            break
    parts = _parts(widths, table.keys, width - _MARGIN)
    groups = [_without_empty(table.groups, part, table.keys) for part in parts]
    high = [1 + sum(map(len, part)) for part in groups]
    figure = style.new_figure(width, 0.55 + (0.22 if small else 0.24) * (sum(high) + 1))
    panels = figure.subplots(len(parts), 1, squeeze=False, height_ratios=high)[:, 0]
    for axes, part, shown in zip(panels, parts, groups, strict=True):
        header = [table.header[i] for i in part]
        _panel(axes, header, shown, [widths[i] for i in part], size)
    panels[0].set_title(table.title, loc="left")
    style.note(figure, table.note)
    return figure


#: Inches that the layout leaves beside a table.
_MARGIN = 0.1


def _parts(widths: Sequence[float], keys: int, page: float) -> list[list[int]]:
    """Columns in parts that fit on the page; the first `keys` are in all of them."""
    names = list(range(keys))
    parts = [names.copy()]
    for i in range(keys, len(widths)):
        if len(parts[-1]) > keys and sum(widths[k] for k in [*parts[-1], i]) > page:
            parts.append(names.copy())
        parts[-1].append(i)
    return parts


def _without_empty(
    groups: Sequence[Sequence[Sequence[str]]], part: Sequence[int], keys: int
) -> list[list[list[str]]]:
    """The part's columns, and the rows that say anything there besides their name."""
    chosen = [[[row[i] for i in part] for row in group] for group in groups]
    return [[row for row in group if any(row[keys:])] for group in chosen]


def _panel(
    axes: Axes,
    header: list[str],
    groups: list[list[list[str]]],
    widths: list[float],
    size: float,
) -> None:
    rows = [row for group in groups for row in group]
    axes.set_axis_off()
    drawn = axes.table(
        [header, *rows],
        colWidths=[width / sum(widths) for width in widths],
        cellLoc="left",
        bbox=Bbox.from_bounds(0, 0, 1, 1),
        edges="open",
    )
    drawn.auto_set_font_size(False)
    drawn.set_fontsize(size)
    for cell in drawn.get_celld().values():
        # A tenth of the cell's width, as matplotlib has it, would be lost to wide cells.
        cell.PAD = 0.04 / (cell.get_width() * sum(widths))
    # Rules as in a printed table: above, under the header, between groups, below.
    total, lines = len(rows) + 1, [0, 1]
    for group in groups:
        lines.append(lines[-1] + len(group))
    for at in lines:
        thick = at in (0, total)
        axes.axhline(1 - at / total, color="0.2", lw=1.0 if thick else 0.5, clip_on=False)
    axes.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])


def _extent(cell: str, figure: Figure, size: float) -> float:
    """Width of a cell's text in inches."""
    canvas: Any = figure.canvas
    text = figure.text(0, 0, cell, fontsize=size)
    width = text.get_window_extent(canvas.get_renderer()).width / figure.dpi
    text.remove()
    return width
