"""Tables of hyper-parameter scalings: formulas beside what they do, for a page or a paper.

A `Table` is drawn (PDF, PNG, SVG), written as LaTeX (booktabs) and as Markdown, all from the same
cells. Formulas are those that `layeratlas.networks.scalings` computes with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import xarray as xr
from matplotlib.figure import Figure

from layeratlas.figures import style
from layeratlas.networks.scalings import TITLES
from layeratlas.networks.scalings import Table as Scaling
from layeratlas.networks.scalings import table as scaling_table
from layeratlas.papers.feature_speed.reductions import exponents
from layeratlas.papers.feature_speed.theory import EXPONENTS

Cubes = Mapping[str, xr.DataTree]
References = Mapping[str, Path]


@dataclass(frozen=True)
class Table:
    """Cells as text with formulas between dollar signs; `groups` have a line between them.

    header: column heads; groups: rows of cells, each as long as the header.
    """

    title: str
    header: Sequence[str]
    groups: Sequence[Sequence[Sequence[str]]]
    note: str

    def to_markdown(self) -> str:
        """A pipe table, formulas as they are."""
        rows = [row for group in self.groups for row in group]
        lines = [list(self.header), ["---"] * len(self.header), *map(list, rows)]
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
    special = {
        "µ": r"$\mu$",
        "σ": r"$\sigma$",
        "η": r"$\eta$",
        "β": r"$\beta$",
        "√": r"$\surd$",
        "–": "--",
        "−": "$-$",
        "≈": r"$\approx$",
    }
    for i in range(0, len(parts), 2):
        parts[i] = re.sub(r"([&%#_])", r"\\\1", parts[i])
        for character, latex in special.items():
            parts[i] = parts[i].replace(character, latex)
    return "".join(parts)


#: Points; a page-wide table of formulas.
_SIZE = 7


@style.styled
def draw(table: Table) -> Figure:
    """The table as a figure of page width."""
    rows = [row for group in table.groups for row in group]
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
        bbox=(0, 0, 1, 1),
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
    text = figure.text(0, 0, cell, fontsize=_SIZE)
    width = text.get_window_extent(figure.canvas.get_renderer()).width / figure.dpi
    text.remove()
    return width + 0.2


# ---------------------------------------------------------------------------------------------
# The paper's tables
# ---------------------------------------------------------------------------------------------

_HEADER = ("", "setting", "", "input", "hidden", "output", r"$S_{L-1}$ in $L$, $m$",
           "loss decay in $L$")  # fmt: skip
_SETTINGS = ("dense", "sparse")


def hp_mlp_table(cubes: Cubes) -> Table:
    """Table 1: spreads and learning rates of the ReLU MLP, dense and sparse, and exponents."""
    cube = cubes["hp_mlp"]
    groups = [
        [
            row
            for setting in _SETTINGS
            for row in _rows(
                TITLES[name], setting, scaling_table(name, 10, 100, 20, 5, setting=setting),
                exponents(cube, {"scaling": name, "setting": setting}), name,
            )
        ]
        for name in ("ntk", "mf_mup", "fsc")
    ]  # fmt: skip
    return Table("Scalings of the ReLU MLP", _HEADER, groups, _note(cube))


def hp_resnet_table(cubes: Cubes) -> Table:
    """Table 2: spreads and learning rates of the ReLU ResNet, β = O(1/√L)."""
    cube = cubes["hp_resnet"]
    groups = []
    for rule in ("1/sqrt(L)", "1/L"):
        rows = []
        for setting in _SETTINGS:
            scaling = scaling_table("resnet_fsc", 10, 100, 20, 5, 0.1, setting=setting)
            found = exponents(cube, {"branch_rule": rule, "setting": setting})
            name = r"$\beta=1/\sqrt{L}$" if rule == "1/sqrt(L)" else r"$\beta=1/L$"
            rows += _rows(name, setting, scaling, found, "resnet_fsc")
        groups.append(rows)
    return Table("FSC scaling of the ReLU ResNet", _HEADER, groups, _note(cube))


def _rows(name: str, setting: str, scaling: Scaling, found, key: str) -> list[list[str]]:
    want = EXPONENTS[key]
    layers = (scaling.input, scaling.hidden, scaling.output)
    S = "{:+.2f} ({:g}), {:+.2f} ({:g})".format(
        found["S"][0], want["S"][0], found["S"][1], want["S"][1]
    )
    loss = f"{found['loss'][0]:+.2f} ({want['loss'][0]:g})"
    S, loss = (text.replace("-", "−") for text in (S, loss))
    return [
        [name, setting, r"$\sigma$", *(f"${row.std_formula}$" for row in layers), S, loss],
        ["", "", r"$\eta$", *(f"${row.learning_rate_formula}$" for row in layers), "", ""],
    ]


def _note(cube: xr.DataTree) -> str:
    grid = cube["/"]
    depths, widths = grid["depth"].values, grid["width"].values
    return (
        "σ: standard deviation of initial weights; η: learning rate, times one master step; "
        "$d$ inputs, $m$ units, $k$ outputs, $L$ weight matrices; all constants 1. Right: fitted "
        "exponents (in brackets those of the paper) of the sensitivity in depth at width "
        f"{widths.max()} and in width at depth 10, and of the loss decay in depth; depths "
        f"{depths.min()} to {depths.max()}, widths {widths.min()} to {widths.max()}, medians of "
        f"n = {grid.sizes['seed']} draws, one gradient step at initialisation."
    )


def hp_mlp(cubes: Cubes, references: References) -> Figure:
    """Table 1 as a figure."""
    return draw(hp_mlp_table(cubes))


def hp_resnet(cubes: Cubes, references: References) -> Figure:
    """Table 2 as a figure."""
    return draw(hp_resnet_table(cubes))
