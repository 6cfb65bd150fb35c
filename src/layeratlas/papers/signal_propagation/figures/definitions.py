"""The variants of alignment beside each other on one trained network."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from layeratlas.figures import palette, style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.definitions import VARIABLES, variants
from layeratlas.papers.signal_propagation.figures import looks

_COLOURS = (palette.BLUE, palette.GREEN, palette.ORANGE, "0.5", palette.PURPLE)
_RECORDS = {"init": "before training", "mark_0.1": "at running loss 0.1"}


@style.styled
def definitions(cubes: Cubes, references: References) -> Figure:
    """A_l, A_l^tr, A_l^raw, A_l^null and S_l against layer l of one network, training images.

    No units; before training and at the mark; means over seeds, shaded ± their standard deviation.
    Source: released scripts of arXiv 2110.11749 (A, S); variants and null: specification §2.3,
    §5 (F13).
    """
    figure = style.new_figure(style.PAGE, 2.7)
    row = figure.subplots(1, 2, sharey=True)
    for axes, (record, told) in zip(row, _RECORDS.items(), strict=True):
        found = variants(cubes, record=record)
        for (name, network), colour in zip(found.items(), _COLOURS, strict=True):
            looks.curve(axes, network.profiles, colour, "-", f"{name},{record}")
        one = found["alignment"]
        axes.set_title(f"{one.subject}: {told}")
        axes.set_xlabel(style.axis_label("layer"))
        _logarithmic(axes)
        looks.layer_axis(axes, one.layers)
        style.open_frame(axes)
    row[0].set_ylabel("alignment with the labels")
    handles = [
        Line2D([], [], color=colour, label=f"{symbol}, {told}")
        for (symbol, told), colour in zip(VARIABLES.values(), _COLOURS, strict=True)
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=3)
    style.note(
        figure,
        "$A_l$ and $S_l$ as the released scripts compute them; the variants and the null were "
        r"chosen or derived here. $A_l^2\leq S_l\leq 1$ always; the class-traced variant need not "
        "show the same hierarchy. Bands: sd over seeds.",
    )
    return figure


def _logarithmic(axes: Axes) -> None:
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_locator(NullLocator())
