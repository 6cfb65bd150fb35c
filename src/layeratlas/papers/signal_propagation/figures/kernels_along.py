"""Alignment of a network and of its layers along training, after Baratin et al."""

from __future__ import annotations

import math
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from layeratlas.figures import palette, style, widths
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.figures import along, looks
from layeratlas.papers.signal_propagation.kernels_along import (
    EXPERIMENT,
    VIEWS,
    Along,
    noise_told,
    trainings,
)

_COLOURS = {view: palette.of(view) for view in VIEWS}
#: The thinner line above: where both lie upon each other, both are seen.
_WIDTHS = {"train": 1.8, "test": 0.8}
_MEMORISED: dict[str, Any] = {"color": "0.4", "lw": 0.7, "ls": (0, (4, 2))}


@style.styled
def baratin_alignment(cubes: Cubes, references: References) -> Figure:
    """Accuracy, alignment of the network and of its layers against the step, a column a noise.

    Rows: accuracy in percent; A of the kernel of all parameters; A_l of training images with the
    labels that are trained on; A_l of test images; shaded ± sd over seeds. Dashed: redrawn labels
    begin to be memorised. Source: arXiv 2008.00938; specification §9 (B1).
    """
    shown = trainings(cubes[EXPERIMENT], largest_rate=True)
    figure = style.new_figure(style.PAGE, 6.4)
    grid = figure.subplots(4, len(shown), squeeze=False, sharex=True, sharey="row")
    for column, one in zip(grid.T, shown, strict=True):
        column[0].set_title(noise_told(one.noise))
        _accuracy(column[0], one)
        for view in VIEWS:
            along.line(
                column[1], one.steps, one.network_runs("network_alignment", view),
                color=_COLOURS[view], lw=_WIDTHS[view], marker="o", ms=1.5,
                gid=f"network,{view},{one.noise:g}",
            )  # fmt: skip
        for axes, view in zip(column[2:], VIEWS, strict=True):
            gid = f"layers,{view},{one.noise:g}"
            along.layer_curves(axes, one.steps, one.layer_runs(view), gid)
        for axes in column:
            if math.isfinite(one.memorised):
                axes.axvline(one.memorised, gid="memorised", **_MEMORISED)
            along.iteration_axis(axes, _first(one))
            style.open_frame(axes)
        column[-1].set_xlabel("iteration")
    for axes, label in zip(grid[:, 0], _LABELS, strict=True):
        axes.set_ylabel(label)
    for axes in grid[1:, 0]:
        along.from_zero(axes)
    along.percent_axis(grid[0, 0])
    widths.keep_whole(grid[0, 0])
    along.layer_bar(figure, list(grid[2:].flat), shown[0].layers("train").shape[1])
    figure.legend(handles=_handles(shown), loc="outside upper center", ncols=3)
    style.note(figure, _NOTE)
    return figure


_LABELS = (
    "accuracy (%)",
    "alignment $A$\nof the network",
    "alignment $A_l$\ntraining images",
    "alignment $A_l$\ntest images",
)


def _accuracy(axes: Axes, one: Along) -> None:
    for split in VIEWS:
        along.line(
            axes, one.steps, 100 * one.evaluated_runs(f"{split}_accuracy"), color=_COLOURS[split],
            lw=_WIDTHS[split], marker="o", ms=1.5, gid=f"accuracy,{split},{one.noise:g}",
        )  # fmt: skip


def _first(one: Along) -> float:
    """The first step after the beginning that is logged."""
    after = one.steps[one.steps > 0]
    return float(after.min()) if after.size else 1.0


def _handles(shown: list[Along]) -> list[Line2D]:
    handles = [
        Line2D([], [], color=_COLOURS[view], label=label) for view, label in looks.IMAGES.items()
    ]
    if any(math.isfinite(one.memorised) for one in shown):
        handles.append(Line2D([], [], label="redrawn labels memorised", **_MEMORISED))
    return handles


_NOTE = (
    "Alignments of training images are with the labels that are trained on, accuracies with the "
    "clean ones. A redrawn label is uniform over all classes, as in the authors' scripts. Dashed: "
    "end of the first epoch whose mean training loss is below the entropy of a redrawn label, from "
    "where on the network must know single labels, derived here. Bands: sd over seeds, where there "
    "are several."
)
