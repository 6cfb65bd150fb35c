"""The alignment hierarchy under hyper-parameter scalings, at an equal running loss.

Beyond "Feature Learning and Signal Propagation" (arXiv 2110.11749), which trains networks of the
edge of chaos with one learning rate alone.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from layeratlas.figures import palette, style, widths
from layeratlas.networks.scalings import TITLES
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.figures import along, looks
from layeratlas.papers.signal_propagation.scaled import EXPERIMENT, Scaled, scaled

#: Colour, marker and width of line: of curves that coincide the wider ones lie below.
_LOOKS = {
    "kaiming": (palette.VERMILLION, "o", 2.2),
    "ntk": (palette.of("ntk"), "s", 1.8),
    "mf_mup": (palette.of("mf_mup"), "^", 1.4),
    "fsc": (palette.of("fsc"), "v", 0.8),
}
_VIEWS = (("train", "-"), ("test", (0, (3, 1.5))))


@style.styled
def alignment_under_scalings(cubes: Cubes, references: References) -> Figure:
    """Profiles, the same over their largest, and where they are highest.

    a: A_l against layer l where the running loss came below 0.1, mean over seeds, ± standard
    deviation, training (solid) and test images (dashed); dotted: before training. b: A_l over its
    largest, training images. c: peak of every seed and centroid of the mean profile (diamond) of
    each scaling, upright the crossing of forward and backward information in these networks before
    training.
    """
    cube = cubes[EXPERIMENT]
    found = scaled(cube)
    figure = style.new_figure(style.PAGE, 2.9)
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
                        f"relative:{one.name}", **_mark(one))  # fmt: skip
            rate = f", η = {one.rate:g}" if math.isfinite(one.rate) else ""
            middle.lines[-1].set_label(f"{TITLES.get(one.name, one.name)}{rate}")
    layers = found[0].layers
    for axes in (left, middle):
        looks.layer_axis(axes, layers)
        axes.set_xlabel(style.axis_label("layer"))
    left.set(ylabel="alignment $A_l$", ylim=(0, None))
    middle.set(ylabel=r"$A_l\,/\,\max_l A_l$")
    along.from_zero(middle)
    handles, labels = middle.get_legend_handles_labels()
    handles.append(Line2D([], [], label="$l^*$ before training", **looks.EQUILIBRIUM))
    figure.legend(
        handles, [*labels, "$l^*$ before training"], loc="outside upper center", ncols=5,
        columnspacing=1.2,
    )  # fmt: skip
    widths.one_a_row(left)
    _places(right, found)
    for axes, letter in zip((left, middle, right), "abc", strict=True):
        axes.set_title(letter, loc="left", fontweight="bold")
        style.open_frame(axes)
    style.note(figure, _note(cubes, found))
    return figure


def _curve(axes: Axes, one: Scaled, dashes, view: str) -> None:
    if one.shape.seeds:
        looks.curve(axes, one.profiles, _colour(one), dashes, f"{view}:{one.name}", **_mark(one))


def _places(axes: Axes, found: list[Scaled]) -> None:
    for row, one in enumerate(found):
        colour, shape = _colour(one), one.shape
        offsets = 0.09 * (np.arange(shape.peaks.size) - (shape.peaks.size - 1) / 2)
        axes.plot(shape.peaks, row + offsets, color=colour, ls="none", ms=3,
                  marker=_mark(one)["marker"], gid=f"peaks:{one.name}")  # fmt: skip
        spread = looks.spread(shape.centroids)
        axes.errorbar([shape.centroid], [row + 0.3], xerr=[spread], color=colour, elinewidth=0.8,
                      marker="D", ms=4, mfc="white", ls="none",
                      gid=f"centroid:{one.name}")  # fmt: skip
        if math.isfinite(one.crossing):
            axes.plot([one.crossing] * 2, [row - 0.4, row + 0.4], gid=f"empirical:{one.name}",
                      **looks.EQUILIBRIUM)  # fmt: skip
    axes.set_yticks(range(len(found)), [TITLES.get(one.name, one.name) for one in found])
    axes.set_ylim(len(found) - 0.5, -0.5)
    looks.layer_axis(axes, found[0].layers)
    axes.set_xlabel("layer $l$: peaks, centroid, $l^*$")
    axes.set_ylabel("scaling")


def _mark(one: Scaled) -> dict[str, Any]:
    _, marker, width = _LOOKS.get(one.name, ("0.4", "o", 1.0))
    return {"marker": marker, "lw": width, "ms": 2.6}


def _colour(one: Scaled) -> str:
    return _LOOKS[one.name][0] if one.name in _LOOKS else "0.4"


def _note(cubes: Cubes, found: list[Scaled]) -> str:
    missed = [
        f"{TITLES.get(one.name, one.name)} {int((~one.came).sum())} of {one.came.size}"
        for one in found
        if not one.marked
    ]
    told = (
        " Runs that missed that loss stand for their last epoch, their scaling is dashed in b: "
        f"{', '.join(missed)}."
        if missed
        else ""
    )
    return (
        "Beyond the paper: the same data, batches and momentum; the scaling's table times the "
        "master step η, which means another thing under each and was chosen here in a search by "
        "decades. Compared where the running loss came below 0.1; bands and bars: sd over seeds, "
        "where there are several. In a solid: training images, dashed: test images, dotted: before "
        "training; in c: peak of every seed, centroid (diamond), upright where forward and "
        f"backward information cross in the networks before training.{told}"
    )
