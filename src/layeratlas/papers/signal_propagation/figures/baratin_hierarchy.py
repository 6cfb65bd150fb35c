"""Alignment of the layers of three networks, after Baratin et al."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from layeratlas.figures import palette, style, widths
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.architectures import HIERARCHY, representatives
from layeratlas.papers.signal_propagation.figures import along, looks

_COLOURS = {view: palette.of(view) for view in looks.IMAGES}


@style.styled
def baratin_hierarchy(cubes: Cubes, references: References) -> Figure:
    """A_l against layer l, a panel a network: VGG, residual network, perceptron.

    At the running loss 0.1, or at the end of training; dotted: before training, training images.
    Means over seeds, shaded ± their standard deviation. Source: arXiv 2008.00938; specification §9
    (B2).
    """
    found = {view: representatives(cubes, view) for view in _COLOURS}
    figure = style.new_figure(style.PAGE, 2.5)
    row = figure.subplots(1, len(HIERARCHY), squeeze=False)[0]
    for axes, train, test in zip(row, found["train"], found["test"], strict=True):
        looks.curve(axes, train.start.profiles, "0.4", (0, (1, 1.2)), "start")
        # The thinner line above: where both lie upon each other, both are seen.
        looks.curve(axes, train.network.profiles, _COLOURS["train"], "-", "train", lw=1.8)
        looks.curve(axes, test.network.profiles, _COLOURS["test"], "-", "test", lw=0.8)
        axes.set_title(train.subject.replace(", end", "\nend"), fontsize=7)
        axes.set_xlabel(style.axis_label("layer"))
        looks.layer_axis(axes, train.network.layers)
        along.from_zero(axes)
        style.open_frame(axes)
    widths.one_a_row(row[0])
    row[0].set_ylabel("alignment $A_l$")
    handles = [
        *(Line2D([], [], color=_COLOURS[view], label=told) for view, told in looks.IMAGES.items()),
        Line2D([], [], color="0.4", ls=(0, (1, 1.2)), label="initialisation, training images"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=3)
    style.note(
        figure,
        "The networks of the other figures stand for the authors' (VGG19, ResNet18 and a "
        "perceptron whose hidden layers share their weights in their scripts; not here). Bands: sd "
        "over seeds, where there are several.",
    )
    return figure
