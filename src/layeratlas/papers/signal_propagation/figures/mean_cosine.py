"""The hierarchy against the mean cosine of inputs, a dial of the equilibrium layer.

Beyond "Feature Learning and Signal Propagation" (arXiv 2110.11749), which varies depth alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from layeratlas.figures import palette, style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation import shifts
from layeratlas.papers.signal_propagation.figures import looks
from layeratlas.papers.signal_propagation.shifts import Condition


@style.styled
def mean_cosine_shift(cubes: Cubes, references: References) -> Figure:
    """Four panels a depth, against the layer l and against the inputs' mean cosine c0.

    a: A_l over its largest, trained, one colour a c0, mean over seeds, ± standard deviation. b:
    peak and centroid of the mean profile (bars: standard deviation of the seeds' own), the crossing
    l* of the infinitely wide network and that of the networks before training. c: ascent max A/A_1
    and descent max A/A_L. d: participation ratio of the layers' centred inputs before training.
    Specification §11 (F14).
    """
    found = shifts.by_depth(cubes)
    columns = 2 if len(found) == 1 else 4
    rows = len(found) * 4 // columns
    figure = style.new_figure(style.PAGE, 0.8 + rows * (1.95 if columns == 2 else 1.75))
    panels = figure.subplots(rows, columns, squeeze=False).reshape(len(found), 4)
    for row, (depth, conditions) in zip(panels, found.items(), strict=True):
        for axes, letter, draw in zip(
            row, "abcd", (_profiles, _places, _halves, _spread), strict=True
        ):
            draw(axes, conditions)
            style.open_frame(axes)
            axes.set_title(letter, loc="left", fontweight="bold")
            axes.set_title(f"$L={depth}$")
    style.note(figure, _note(cubes, found))
    return figure


def _profiles(axes: Axes, conditions: Sequence[Condition]) -> None:
    for one, colour in zip(conditions, style.graded(len(conditions)), strict=True):
        runs = one.network.profiles.transpose("seed", "layer")
        if not one.network.shape.seeds:
            continue
        relative = runs / runs.mean("seed").max()
        looks.curve(
            axes, relative, colour, "-" if one.marked else (0, (3, 1.5)), f"profile:{one.label}"
        )
        axes.lines[-1].set_label(rf"{one.label}: $c_0={one.c0:.2f}$")
    looks.layer_axis(axes, conditions[0].network.layers)
    axes.set(xlabel=style.axis_label("layer"), ylabel=r"$A_l\,/\,\max_l A_l$")
    # Profiles fall towards the end, and leave the corner above it.
    axes.set_ylim(0, 1.45)
    axes.legend(loc="upper center", ncols=2, columnspacing=1.0, handlelength=1.6)


def _places(axes: Axes, conditions: Sequence[Condition]) -> None:
    for (name, look), side in zip(looks.PLACES.items(), (-1, 1), strict=True):
        colour, marker = look["color"], look["marker"]
        at = [_beside(conditions, side, k) for k in range(len(conditions))]
        shapes = [one.network.shape for one in conditions]
        spread = [looks.spread(getattr(shape, f"{name}s")) for shape in shapes]
        values = [getattr(shape, name) for shape in shapes]
        axes.errorbar(at, values, yerr=spread, color=colour, lw=1, capsize=2, ls="-", gid=name)
        _dots(axes, at, values, conditions, colour, marker)
        axes.plot([], [], color=colour, marker=marker, ms=4, label=name)
    c0 = [one.c0 for one in conditions]
    wide = [one.network.mean_field for one in conditions]
    axes.plot(c0, wide, label="$l^*$, infinite width", gid="mean_field", **looks.EQUILIBRIUM)
    measured = [float(np.nanmean(one.network.empirical)) for one in conditions]
    axes.plot(
        c0, measured, label="$l^*$ before training", gid="empirical", **looks.MEASURED_EQUILIBRIUM
    )
    axes.set(xlabel="mean cosine $c_0$ of inputs", ylabel="layer $l$")
    axes.set_ylim(0.5, conditions[0].network.layers * 1.05)
    axes.legend(loc="upper center", ncols=2, columnspacing=1.0)


def _halves(axes: Axes, conditions: Sequence[Condition]) -> None:
    c0 = [one.c0 for one in conditions]
    for name, colour, label in (
        ("ascent", palette.GREEN, "ascent $\\max A/A_1$"),
        ("descent", palette.PURPLE, "descent $\\max A/A_L$"),
    ):
        shapes = [one.network.shape for one in conditions]
        values = [getattr(shape, name) for shape in shapes]
        spread = [looks.spread(getattr(shape, f"{name}s")) for shape in shapes]
        axes.errorbar(c0, values, yerr=spread, color=colour, lw=1, capsize=2, gid=name)
        _dots(axes, c0, values, conditions, colour, "o")
        axes.plot([], [], color=colour, marker="o", ms=4, label=label)
        before = [getattr(one.initial, name) for one in conditions]
        axes.plot(c0, before, color=colour, lw=0.8, ls=(0, (1, 1.2)), gid=f"{name}:init")
    axes.plot([], [], color="0.4", lw=0.8, ls=(0, (1, 1.2)), label="before training")
    axes.set(xlabel="mean cosine $c_0$ of inputs", ylabel="ratio", ylim=(0, None))
    axes.set_ylim(0, axes.get_ylim()[1] * 1.3)
    axes.legend(loc="upper center", ncols=2, columnspacing=1.0)


def _spread(axes: Axes, conditions: Sequence[Condition]) -> None:
    for one, colour in zip(conditions, style.graded(len(conditions)), strict=True):
        looks.curve(axes, one.spread, colour, "-", f"spread:{one.label}")
    looks.layer_axis(axes, conditions[0].network.layers)
    axes.set(
        ylim=(0, None),
        xlabel=style.axis_label("layer"),
        ylabel="participation ratio of\ncentred inputs",
    )


def _dots(axes, at, values, conditions, colour, marker) -> None:
    """Filled where all runs came to the mark, hollow where one did not."""
    for x, y, one in zip(at, values, conditions, strict=True):
        axes.plot(x, y, marker=marker, ms=4, color=colour, mfc=colour if one.marked else "white")


def _beside(conditions: Sequence[Condition], side: int, k: int) -> float:
    """c0 moved a little, so that bars of two series do not lie on each other."""
    c0 = [one.c0 for one in conditions]
    return c0[k] + side * 0.006 * max(np.ptp(c0), 0.1)


def _note(cubes: Cubes, found: dict[int, list[Condition]]) -> str:
    every = [one for conditions in found.values() for one in conditions]
    missed = sum(int((~one.came).sum()) for one in every)
    runs = sum(one.came.size for one in every)
    told = (
        f" {missed} of {runs} runs missed the mark and stand for their last epoch (dashed, hollow)."
        if missed
        else ""
    )
    return (
        "Beyond the paper: inputs less s times their mean pixel, or less their mean image, scaled "
        "to mean square 1; all else the same. Bars and bands: sd over seeds, where there are "
        "several. Networks where the running loss came below 0.1, "
        "training images; the ratio of seed means in c, the crossing (derived here) of uncentred "
        "cosines. Kernels are centred and these cosines are not; what is left of the inputs' "
        f"spread once their mean is removed is in d, colours as in a.{told}"
    )
