"""Alignment on easy and on difficult examples (Baratin et al., arXiv 2008.00938)."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from layeratlas.cubes.told import told_setting
from layeratlas.figures import palette, style, widths
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.difficulty import (
    CLEAN,
    DIFFICULT,
    EASY,
    EXPERIMENT,
    TEST,
    Along,
    along,
)
from layeratlas.papers.signal_propagation.figures import looks
from layeratlas.papers.signal_propagation.figures.along import (
    from_zero,
    iteration_axis,
    line,
    percent_axis,
)
from layeratlas.papers.signal_propagation.networks import task

_LOOKS = {
    EASY: (palette.BLUE, "-", "easy: label kept"),
    DIFFICULT: (palette.VERMILLION, "-", "difficult: label drawn at random"),
    CLEAN: (palette.VERMILLION, (0, (3, 1.5)), "the same images, true labels"),
    TEST: ("0.5", (0, (3, 1.5)), "test images"),
}


@style.styled
def baratin_easy_difficult(cubes: Cubes, references: References) -> Figure:
    """Alignment of the network's tangent kernel against the iteration, by sort of image.

    a: A of the whole network's centred kernel; b: the same over its mean under permuted labels;
    mean over seeds, ± standard deviation. c: accuracy on all training and test images, in percent,
    true labels. Iterations on a logarithmic axis, 0 at its left.
    """
    cube = cubes[EXPERIMENT]
    found = along(cube)
    figure = style.new_figure(style.PAGE, 2.8)
    panels = figure.subplots(1, 3, width_ratios=(1.15, 1.15, 1))
    for view in found.views:
        colour, dashes, label = _LOOKS[view]
        values = found.alignment[view]
        _mean(panels[0], found, values, colour, dashes, label, f"alignment:{view}")
        _mean(panels[1], found, values / found.null[view], colour, dashes, label, f"ratio:{view}")
    for values, (colour, dashes, label) in (
        (found.train, ("0.1", "-", "training")),
        (found.test, (*_LOOKS[TEST][:2], "test")),
    ):
        told = f"all {label} images (c)"
        _mean(panels[2], found, 100 * values, colour, dashes, told, f"accuracy:{label}")
    panels[0].set_ylabel("alignment $A$ of the network")
    panels[1].set_ylabel("$A$ over its mean,\nlabels permuted")
    panels[2].set_ylabel("accuracy (%), true labels")
    percent_axis(panels[2])
    panels[1].axhline(1, color="0.3", lw=0.6, gid="guide")
    widths.one_a_row(panels[0])
    for axes, letter in zip(panels, "abc", strict=True):
        axes.set_title(letter, loc="left", fontweight="bold")
        iteration_axis(axes, found.steps[found.steps > 0].min())
        axes.set_xlabel("iteration")
        style.open_frame(axes)
        half = found.steps.max() / 2
        axes.axvline(half, gid="half", **looks.EQUILIBRIUM)
    for axes in panels[:2]:
        from_zero(axes)
    handles, labels = panels[0].get_legend_handles_labels()
    training, told = panels[2].get_legend_handles_labels()
    handles, labels = [*handles, training[0]], [*labels, told[0]]
    handles.append(Line2D([], [], **looks.EQUILIBRIUM))
    labels.append("half of training")
    figure.legend(handles, labels, loc="outside upper center", ncols=3, handlelength=2.2)
    share = 100 * float(found_noise(cube))
    style.note(
        figure,
        f"Images of {task(cube)} of which {share:.0f}\u00a0% had their label drawn anew, once (a "
        "tenth of those drew their own). Kernels of class-balanced subsets, against the labels "
        "that were trained on. Bands: sd over seeds; thin in b: level of permuted labels. The "
        "paper's setting is read off its scripts; depth, width, rate and share were chosen here.",
    )
    return figure


def found_noise(cube) -> float:
    """The share of labels that was drawn anew."""
    root = cube["/"].to_dataset()
    if "label_noise" in root.coords:
        return float(np.atleast_1d(root["label_noise"].values)[0])
    return float(told_setting(cube, "noise.label_noise"))


def _mean(axes: Axes, found: Along, values, colour, dashes, label, gid) -> None:
    line(axes, found.steps, values, color=colour, ls=dashes, label=label, gid=gid)
