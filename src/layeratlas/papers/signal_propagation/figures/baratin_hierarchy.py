"""Alignment of the layers of three networks, after Baratin et al."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from layeratlas.figures import palette, style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.architectures import HIERARCHY, representatives
from layeratlas.papers.signal_propagation.figures import looks

_COLOURS = {"train": palette.BLUE, "test": palette.VERMILLION}


@style.styled
def baratin_hierarchy(cubes: Cubes, references: References) -> Figure:
    """A_l against layer l, a panel a network: VGG, residual network, perceptron.

    At the running loss 0.1, or at the end of training; dotted: before training, training images.
    Means over seeds, shaded ± their standard deviation. Source: arXiv 2008.00938; specification §9
    (B2).
    """
    found = {view: representatives(cubes, view) for view in _COLOURS}
    figure = style.new_figure(style.PAGE, 2.6)
    row = figure.subplots(1, len(HIERARCHY), squeeze=False)[0]
    for axes, train, test in zip(row, found["train"], found["test"], strict=True):
        looks.curve(axes, train.start.profiles, "0.4", (0, (1, 1.2)), "start")
        looks.curve(axes, test.network.profiles, _COLOURS["test"], "-", "test")
        looks.curve(axes, train.network.profiles, _COLOURS["train"], "-", "train")
        axes.set_title(train.subject.replace(", end", "\nend"), fontsize=7)
        axes.set_xlabel(style.axis_label("layer"))
        looks.layer_axis(axes, train.network.layers)
        axes.set_ylim(bottom=0)
        style.open_frame(axes)
    row[0].set_ylabel("alignment $A_l$")
    handles = [
        Line2D([], [], color=_COLOURS["train"], label="training images"),
        Line2D([], [], color=_COLOURS["test"], label="test images"),
        Line2D([], [], color="0.4", ls=(0, (1, 1.2)), label="initialisation, training images"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=3)
    style.note(
        figure,
        "The networks of the other figures stand for the authors' (VGG19, ResNet18 and a "
        "perceptron whose hidden layers share their weights in their scripts; not here).",
    )
    return figure
