"""The alignment of layers in convolutional and residual networks."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from layeratlas.figures import style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.architectures import EXPERIMENTS, Trained, trained
from layeratlas.papers.signal_propagation.figures import looks
from layeratlas.papers.signal_propagation.profiles import MARK

_VIEWS = {"train": "training images", "test": "test images"}
_START = (0, (1, 1.2))


@style.styled
def architectures(cubes: Cubes, references: References) -> Figure:
    """A_l against layer l on the main path; a column a kind of network, a colour a network.

    Rows: training and test images. Solid: at the mark, or at the end of training; dotted: before
    training; diamonds: convolutions of shortcuts, at the layer that reads what they read. Means
    over seeds, shaded ± their standard deviation. Source: arXiv 2110.11749; specification §5 (F8).
    """
    given = [name for name in EXPERIMENTS if name in cubes]
    figure = style.new_figure(style.PAGE, 4.4)
    grid = figure.subplots(len(_VIEWS), len(given), squeeze=False, sharex="col")
    for row, (view, told) in zip(grid, _VIEWS.items(), strict=True):
        for axes, name in zip(row, given, strict=True):
            _panel(axes, trained(cubes, [name], view))
        row[0].set_ylabel(f"alignment $A_l$\n{told}")
    for axes, name in zip(grid[0], given, strict=True):
        _title(axes, trained(cubes, [name]))
    for axes in grid[-1]:
        axes.set_xlabel(style.axis_label("layer"))
    figure.legend(handles=_handles(), loc="outside upper center", ncols=3)
    style.note(figure, _note(cubes, given))
    return figure


def _panel(axes: Axes, found: list[Trained]) -> None:
    for one, colour in zip(found, style.graded(len(found)), strict=True):
        L = one.network.layers
        looks.curve(axes, one.start.profiles, colour, _START, f"start,{L}")
        looks.curve(axes, one.network.profiles, colour, "-", f"trained,{L}")
        known = [aside for aside in one.shortcuts if math.isfinite(aside.value)]
        axes.plot(
            [aside.layer for aside in known], [aside.value for aside in known], color=colour,
            ls="none", marker="D", ms=3.5, mfc="white", gid=f"shortcuts,{L}",
        )  # fmt: skip
    looks.layer_axis(axes, max(one.network.layers for one in found))
    axes.set_ylim(bottom=0)
    style.open_frame(axes)


def _title(axes: Axes, found: list[Trained]) -> None:
    first = found[0].network
    axes.set_title(f"{first.family}, {first.task}")
    colours = style.graded(len(found))
    axes.legend(
        handles=[
            Line2D([], [], color=colour, label=_told(one))
            for one, colour in zip(found, colours, strict=True)
        ],
        loc="best",
        handlelength=1.2,
    )


def _told(one: Trained) -> str:
    depth = one.network.point.get("depth")
    name = one.network.family if depth is None else f"{one.network.family}-{depth:g}"
    end = "" if one.record == MARK else ", at the end"
    return f"{name}{end}"


def _handles() -> list[Line2D]:
    return [
        Line2D([], [], color="0.3", label="running loss below 0.1, or at the end"),
        Line2D([], [], color="0.3", ls=_START, label="initialisation"),
        Line2D([], [], color="0.3", ls="none", marker="D", ms=3.5, mfc="white",
               label="shortcut"),
    ]  # fmt: skip


def _note(cubes: Cubes, given: list[str]) -> str:
    return (
        "Layers are maps with a weight matrix on the longest path: affine pairs of batch norm are "
        "left out. Networks whose running loss never came below 0.1 are shown at the end. Kernels "
        "of class-balanced subsets, centred, all outputs; the mean of $A_l$ over permuted labels "
        "goes as one over their size. Networks as in the released scripts, widths and numbers of "
        "images of presets below paper chosen here; nothing is augmented."
    )
