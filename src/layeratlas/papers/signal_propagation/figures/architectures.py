"""The alignment of layers in convolutional and residual networks."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from layeratlas.figures import style, widths
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.architectures import EXPERIMENTS, Trained, trained
from layeratlas.papers.signal_propagation.figures import along, looks
from layeratlas.papers.signal_propagation.profiles import MARK

_START = (0, (1, 1.2))


@style.styled
def architectures(cubes: Cubes, references: References) -> Figure:
    """A_l against layer l on the main path; a row a kind of network, a colour a network.

    Columns: training and test images. Solid: at the mark, or at the end of training; dotted: before
    training; diamonds: convolutions of shortcuts, at the layer that reads what they read. Means
    over seeds, shaded ± their standard deviation. Source: arXiv 2110.11749; specification §5 (F8).
    """
    given = [name for name in EXPERIMENTS if name in cubes]
    figure = style.new_figure(style.PAGE, 0.9 + 1.55 * len(given))
    grid = figure.subplots(len(given), len(looks.IMAGES), squeeze=False, sharey="row")
    for row, name in zip(grid, given, strict=True):
        for axes, view in zip(row, looks.IMAGES, strict=True):
            _panel(axes, trained(cubes, [name], view))
            axes.set_title(looks.IMAGES[view])
            axes.set_xlabel(style.axis_label("layer"))
        _name(row[0], trained(cubes, [name]))
        along.room_above(row[0], 0.4)
    widths.keep_whole(grid[0, 0])
    figure.legend(handles=_handles(), loc="outside upper center", ncols=3)
    style.note(figure, _note(cubes, given))
    return figure


def _panel(axes: Axes, found: list[Trained]) -> None:
    for one, colour in zip(found, style.graded(len(found)), strict=True):
        L = one.network.layers
        looks.curve(axes, one.start.profiles, colour, _START, f"start,{L}")
        looks.curve(axes, one.network.profiles, colour, "-", f"trained,{L}")
        known = [aside for aside in one.shortcuts if math.isfinite(aside.value)]
        places, values = [aside.layer for aside in known], [aside.value for aside in known]
        axes.errorbar(places, values, yerr=[aside.spread for aside in known], fmt="none",
                      ecolor=colour, elinewidth=0.7)  # fmt: skip
        axes.plot(
            places, values, color=colour, ls="none", marker="D", ms=3.5, mfc="white",
            gid=f"shortcuts,{L}",
        )  # fmt: skip
    looks.layer_axis(axes, max(one.network.layers for one in found))
    style.open_frame(axes)


def _name(axes: Axes, found: list[Trained]) -> None:
    first = found[0].network
    axes.set_ylabel(f"{first.family}\n{first.task}\nalignment $A_l$")
    colours = style.graded(len(found))
    axes.legend(
        handles=[
            Line2D([], [], color=colour, label=_told(one))
            for one, colour in zip(found, colours, strict=True)
        ],
        loc="upper right",
        ncols=len(found),
        handlelength=1.0,
        handletextpad=0.4,
        columnspacing=0.8,
    )


def _told(one: Trained) -> str:
    depth = one.network.point.get("depth")
    name = one.network.family if depth is None else f"$L$ = {depth:g}"
    return name if one.record == MARK else f"{name}*"


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
        "left out. *: at the end of training, for the running loss never came below 0.1. Bands: sd "
        "over seeds, where there are several. Kernels "
        "of class-balanced subsets, centred, all outputs; the mean of $A_l$ over permuted labels "
        "goes as one over their size. Networks as in the released scripts, widths and numbers of "
        "images of presets below paper chosen here; nothing is augmented."
    )
