"""Eigenfunctions of the tangent kernel on a disc (Baratin et al., arXiv 2008.00938)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from cmcrameri import cm
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Circle

from layeratlas.figures import palette, style, widths
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.figures.along import iteration_axis, percent_axis
from layeratlas.papers.signal_propagation.toy import EXPERIMENT, SHOWN, Toy, toy

_RADIUS = (2 / np.pi) ** 0.5


@style.styled
def baratin_toy(cubes: Cubes, references: References) -> Figure:
    """Maps over the square [−1, 1]², a row a moment; below, how the top eigenfunction turned.

    Columns: the network's output, blue below 0 and red above; the norm of its Jacobian with respect
    to the weights; eigenfunctions of the centred tangent kernel on the grid, the largest eigenvalue
    first, signs arbitrary. One seed; circle: the disc. Below: |centred correlation| of the top
    eigenfunction with the label, and the part of it that is linear in x, each seed and their mean;
    accuracy on the training points.
    """
    found = toy(cubes[EXPERIMENT])
    rows = found.moments()
    shown = [k for k in SHOWN if k < found.eigenfunctions.shape[2]]
    figure = style.new_figure(style.PAGE, 1.25 * len(rows) + 2.7)
    above, below = cast(
        "Sequence[SubFigure]", figure.subfigures(2, 1, height_ratios=(1.25 * len(rows) + 0.2, 2.1))
    )
    panels = above.subplots(len(rows), 2 + len(shown), squeeze=False)
    for line, record in zip(panels, rows, strict=True):
        _map(line[0], found, found.prediction[0, record], signed=True)
        _map(line[1], found, found.jacobian[0, record], signed=False)
        for axes, k in zip(line[2:], shown, strict=True):
            values = found.eigenfunctions[0, record, k]
            # Of an arbitrary sign: drawn with the inside of the disc positive.
            values = values * (np.sign((values - values.mean()) @ found.label) or 1.0)
            _map(axes, found, values, signed=True)
        line[0].set_ylabel(
            f"iteration {found.steps[record]:g}\naccuracy {100 * found.accuracy[0, record]:.0f} %",
            fontsize=6.5,
        )
    names = ["output", "Jacobian norm", *(f"eigenfunction {k}" for k in shown)]
    for axes, name in zip(panels[0], names, strict=True):
        axes.set_title(name, fontsize=7)
    widths.keep_whole(panels[0, 0])
    left, right = below.subplots(1, 2, width_ratios=(1.7, 1))
    _turning(left, found)
    _accuracy(right, found)
    style.note(
        figure,
        "Maps: first seed, red above 0 and blue below, each on its own scale; circle: the disc. "
        "Thin lines: seeds, thick: their mean. Network 2-60-60-60-1 of ReLU, the frameworks' "
        "initial law, logistic loss, full batch, 100 points, as in the scripts of the paper; "
        f"grid {found.side} × {found.side}. Moments: the first, where one seed's training "
        "accuracy first passes 75 and 95 %, the last. The part linear in x is a control, chosen "
        "here: no label was linear.",
    )
    return figure


def _map(axes: Axes, found: Toy, values: np.ndarray, *, signed: bool) -> None:
    image = values.reshape(found.side, found.side)
    # Whole numbers of lightness: red is above zero and blue below in what has a sign.
    most = float(np.nanmax(np.abs(image))) or 1.0
    limits: dict[str, Any] = (
        {"cmap": cm.vik, "vmin": -most, "vmax": most} if signed else {"cmap": cm.batlow}
    )
    axes.imshow(image, origin="lower", extent=(-1, 1, -1, 1), interpolation="nearest", **limits)
    axes.add_patch(Circle((0, 0), _RADIUS, fill=False, lw=0.7, ec="0.1" if signed else "white"))
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)


def _turning(axes: Axes, found: Toy) -> None:
    for values, colour, label in (
        (found.taught, palette.VERMILLION, "correlation with the label"),
        (found.untaught, palette.BLUE, "part linear in $x$"),
    ):
        axes.plot(found.steps, values.T, color=colour, lw=0.5, alpha=0.5)
        axes.plot(found.steps, values.mean(0), color=colour, lw=1.4, label=label)
    axes.set(ylabel="top eigenfunction", ylim=(0, 1.28))
    axes.legend(loc="upper center", ncols=2)
    _frame(axes, found)


def _accuracy(axes: Axes, found: Toy) -> None:
    axes.plot(found.steps, 100 * found.accuracy.T, color="0.4", lw=0.5, alpha=0.6)
    axes.plot(found.steps, 100 * found.accuracy.mean(0), color="0.1", lw=1.4)
    axes.set_ylabel("training accuracy (%)")
    percent_axis(axes)
    _frame(axes, found)


def _frame(axes: Axes, found: Toy) -> None:
    iteration_axis(axes, found.steps[found.steps > 0].min())
    axes.set_xlabel("iteration")
    style.open_frame(axes)
