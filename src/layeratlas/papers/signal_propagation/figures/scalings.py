"""The alignment hierarchy under hyper-parameter scalings, at an equal running loss.

Beyond "Feature Learning and Signal Propagation" (arXiv 2110.11749), which trains networks of the
edge of chaos with one learning rate alone.
"""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from layeratlas.figures import palette, style
from layeratlas.networks.scalings import TITLES
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.figures import looks
from layeratlas.papers.signal_propagation.scaled import EXPERIMENT, Scaled, scaled

_COLOURS = {
    "kaiming": palette.VERMILLION,
    "ntk": palette.BLUE,
    "mf_mup": palette.ORANGE,
    "fsc": palette.GREEN,
}
_VIEWS = (("train", "-"), ("test", (0, (3, 1.5))))


@style.styled
def alignment_under_scalings(cubes: Cubes, references: References) -> Figure:
    """Profiles, the same over their largest, and where they are highest.

    a: A_l against layer l where the running loss came below 0.1, mean over seeds, ± standard
    deviation, training (solid) and test images (dashed); dotted: before training. b: A_l over its
    largest, training images. c: peak (dots: seeds) and centroid (bar) of each scaling, upright the
    crossing of forward and backward information in these networks before training.
    """
    cube = cubes[EXPERIMENT]
    found = scaled(cube)
    figure = style.new_figure(style.PAGE, 2.75)
    left, middle, right = figure.subplots(1, 3, width_ratios=(1.2, 1.2, 1))
    for view, dashes in _VIEWS:
        for one in scaled(cube, view):
            _curve(left, one, dashes, view)
    for one in found:
        before = one.initial.mean("seed")
        left.plot(before["layer"], before, color=_colour(one), ls=(0, (1, 1.2)), lw=0.8,
                  gid=f"init:{one.name}")  # fmt: skip
        if one.shape.seeds:
            runs = one.profiles / one.profiles.mean("seed").max()
            looks.curve(middle, runs, _colour(one), "-" if one.marked else (0, (3, 1.5)),
                        f"relative:{one.name}")  # fmt: skip
            middle.lines[-1].set_label(f"{TITLES.get(one.name, one.name)}, η = {one.rate:g}")
    layers = found[0].layers
    for axes in (left, middle):
        looks.layer_axis(axes, layers)
        axes.set_xlabel(style.axis_label("layer"))
    left.set(ylabel="alignment $A_l$", ylim=(0, None))
    middle.set(ylabel=r"$A_l\,/\,\max_l A_l$", ylim=(0, 1.55))
    middle.legend(loc="upper center")
    _places(right, found)
    for axes, letter in zip((left, middle, right), "abc", strict=True):
        axes.set_title(letter, loc="left", fontweight="bold")
        style.open_frame(axes)
    style.note(figure, _note(cubes, found))
    return figure


def _curve(axes: Axes, one: Scaled, dashes, view: str) -> None:
    if one.shape.seeds:
        looks.curve(axes, one.profiles, _colour(one), dashes, f"{view}:{one.name}")


def _places(axes: Axes, found: list[Scaled]) -> None:
    for row, one in enumerate(found):
        colour, shape = _colour(one), one.shape
        offsets = 0.09 * (np.arange(shape.peaks.size) - (shape.peaks.size - 1) / 2)
        axes.plot(shape.peaks, row + offsets, "o", color=colour, ms=3, gid=f"peaks:{one.name}")
        axes.plot([shape.centroid] * 2, [row - 0.3, row + 0.3], color=colour, lw=2,
                  gid=f"centroid:{one.name}")  # fmt: skip
        if math.isfinite(one.crossing):
            axes.plot([one.crossing] * 2, [row - 0.4, row + 0.4], gid=f"empirical:{one.name}",
                      **looks.EQUILIBRIUM)  # fmt: skip
    axes.set_yticks(range(len(found)), [TITLES.get(one.name, one.name) for one in found])
    axes.set_ylim(len(found) - 0.5, -0.5)
    looks.layer_axis(axes, found[0].layers)
    axes.set_xlabel("layer $l$: peaks, centroid, $l^*$")


def _colour(one: Scaled) -> str:
    return _COLOURS.get(one.name, "0.4")


def _note(cubes: Cubes, found: list[Scaled]) -> str:
    missed = [
        f"{TITLES.get(one.name, one.name)} {int((~one.came).sum())} of {one.came.size}"
        for one in found
        if not one.marked
    ]
    told = (
        f" Runs that missed that loss stand for their last epoch: {', '.join(missed)}."
        if missed
        else ""
    )
    return (
        "Beyond the paper: the same data, batches and momentum; the scaling's table times the "
        "master step η, which means another thing under each and was chosen here in a search by "
        "decades. Compared where the running loss came below 0.1. In a solid: training images, "
        "dashed: test images, dotted: before training; in c: where forward and backward "
        f"information cross in the networks before training.{told}"
    )
