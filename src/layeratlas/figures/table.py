"""Tables as figures: drawn (PDF, PNG, SVG), written as LaTeX (booktabs) and as Markdown.

All three from the same cells, with formulas between dollar signs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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
}


@dataclass(frozen=True)
class Table:
    """Cells as text with formulas between dollar signs; `groups` have a line between them.

    header: column heads; groups: rows of cells, each as long as the header.
    """

    title: str
    header: Sequence[str]
    groups: Sequence[Sequence[Sequence[str]]]
    note: str

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
def draw(table: Table) -> Figure:
    """The table as a figure of page width."""
    rows = table.rows
    height = 0.75 + 0.24 * (len(rows) + 1)
    figure = style.new_figure(style.PAGE, height)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_title(table.title, loc="left")
    widths = [
        max(_extent(row[i], figure) for row in (table.header, *rows)) for i in range(len(rows[0]))
    ]
    drawn = axes.table(
        [list(table.header), *rows],
        colWidths=[width / sum(widths) for width in widths],
        cellLoc="left",
        bbox=Bbox.from_bounds(0, 0, 1, 1),
        edges="open",
    )
    drawn.auto_set_font_size(False)
    drawn.set_fontsize(_SIZE)
    # Rules as in a printed table: above, under the header, between groups, below.
    total, lines = len(rows) + 1, [0, 1]
    for group in table.groups:
        lines.append(lines[-1] + len(group))
    for at in lines:
        thick = at in (0, total)
        axes.axhline(1 - at / total, color="0.2", lw=1.0 if thick else 0.5, clip_on=False)
    axes.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
    style.note(figure, table.note)
    return figure


def _extent(cell: str, figure: Figure) -> float:
    """Width of a cell's text with room beside it, in inches."""
    canvas: Any = figure.canvas
    text = figure.text(0, 0, cell, fontsize=_SIZE)
    width = text.get_window_extent(canvas.get_renderer()).width / figure.dpi
    text.remove()
    return width + 0.2
