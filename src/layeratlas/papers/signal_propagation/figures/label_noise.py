"""Alignment of networks trained on noisy labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D

from layeratlas.figures import style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation import moments
from layeratlas.papers.signal_propagation.figures import along, looks
from layeratlas.papers.signal_propagation.label_noise import EXPERIMENT, common_mark, subset

_TEST = (0, (4, 2))
_INIT = looks.RECORDS[moments.INIT][0]


@style.styled
def label_noise(cubes: Cubes, references: References) -> Figure:
    """A_l along training at every noise level (top), and profiles at equal loss (bottom).

    Top: A_l of every layer (colour) with the labels trained on against the iteration, means over
    seeds, shaded ± sd. Bottom: A_l against the layer at the lowest running loss that all levels
    came to, one line a level, ± sd over seeds (a); its largest value against the noise (b);
    alignment with permuted labels of clean training, before and after, beside the exact null (c).
    No units. Source: arXiv 2008.00938, 2110.11749; specification §2.3, §5 (F9).
    """
    cube = cubes[EXPERIMENT]
    levels = [float(level) for level in np.sort(cube.to_dataset()["label_noise"].values)]
    mark = common_mark(cube)
    shown = mark or "final"
    figure = style.new_figure(style.PAGE, 4.8)
    parts: Any = figure.subfigures(2, 1, height_ratios=(1, 1.05))
    above, below = parts
    row = above.subplots(1, len(levels), sharex=True, sharey=True, squeeze=False)[0]
    _along(above, row, cube, levels)
    panels = below.subplots(1, 3)
    _profiles(panels[0], cube, levels, shown)
    _heights(panels[1], cube, shown)
    _permuted(panels[2], cube, levels, shown)
    for letter, axes in zip("abc", panels, strict=True):
        axes.set_title(f"$\\bf{{{letter}}}$", loc="left")
        style.open_frame(axes)
    _legend(below, levels)
    style.note(figure, _note(cube, mark))
    return figure


def _along(part: SubFigure, row: Sequence[Axes], cube: xr.DataTree, levels: list[float]) -> None:
    records = moments.logged(cube)
    values = moments.history(cube, "alignment", "train", records)
    steps = moments.steps(cube, records)
    for axes, level in zip(row, levels, strict=True):
        here = steps.sel(label_noise=level).mean("seed").values
        along.layer_curves(
            axes, here, values.sel(label_noise=level).transpose("seed", ...).values, f"{level:g}"
        )
        axes.set_title(f"{100 * level:g} % random labels")
        axes.set_xlabel("SGD iteration")
        style.open_frame(axes)
    along.from_zero(row[0])
    later = steps.values[steps.values > 0]
    along.iteration_axis(row[0], float(later.min()) if later.size else 1.0)
    row[0].set_ylabel("alignment $A_l$")
    along.layer_bar(part, row, values.sizes["layer"])


def _colours(levels: Sequence[float]) -> np.ndarray:
    return style.graded(len(levels))


def _profiles(axes: Axes, cube: xr.DataTree, levels: list[float], record: str) -> None:
    for view, dashes in (("train", "-"), ("test", _TEST)):
        values = subset(cube, "alignment", view, record)
        for level, colour in zip(levels, _colours(levels), strict=True):
            one = values.sel(label_noise=level)
            gid = f"profile,{view},{level:g}"
            looks.curve(axes, one, colour, dashes, gid, banded=view == "train")
    before = subset(cube, "alignment", "train", moments.INIT).sel(label_noise=levels[0])
    looks.curve(axes, before, _INIT, "-", "init", lw=0.8)
    looks.layer_axis(axes, before.sizes["layer"])
    axes.set_xlabel(style.axis_label("layer"))
    axes.set_ylabel("alignment $A_l$")
    along.from_zero(axes)


def _legend(part: SubFigure, levels: Sequence[float]) -> None:
    handles = [
        Line2D([], [], color=colour, label=f"{100 * level:g} % random labels")
        for level, colour in zip(levels, _colours(levels), strict=True)
    ]
    handles += [
        Line2D([], [], color=_INIT, lw=0.8, label="initialisation"),
        Line2D([], [], color="0.3", label=looks.IMAGES["train"]),
        Line2D([], [], color="0.3", ls=_TEST, label=looks.IMAGES["test"]),
    ]
    part.legend(handles=handles, loc="outside upper center", ncols=4, columnspacing=1.2)


def _heights(axes: Axes, cube: xr.DataTree, record: str) -> None:
    for view, dashes, fill in (("train", "-", "0.2"), ("test", _TEST, "white")):
        values = subset(cube, "alignment", view, record)
        height = values.mean("seed").max("layer")
        axes.plot(
            100 * height["label_noise"], height, color="0.2", ls=dashes, marker="o", ms=3,
            mfc=fill, gid=f"height,{view}",
        )  # fmt: skip
        each = values.max("layer").transpose("label_noise", "seed")
        axes.plot(100 * each["label_noise"], each, color="0.5", ls="none", marker="o", ms=1.5)
    axes.set_xlabel("random labels (%)")
    axes.set_ylabel(r"$\max_l A_l$ of the mean")
    axes.set_xlim(-5, 105)
    axes.set_xticks([0, 50, 100])
    along.room_above(axes, 0.05)


def _permuted(axes: Axes, cube: xr.DataTree, levels: Sequence[float], record: str) -> None:
    shifts = ((moments.INIT, _INIT, -0.12), (record, _colours(levels)[0], 0.12))
    for at, colour, aside in shifts:
        mean, spread, null = (
            subset(cube, name, "train", at).isel(label_noise=0).mean("seed")
            for name in ("alignment_permuted", "alignment_permuted_sd", "alignment_null")
        )
        axes.errorbar(
            mean["layer"] + aside, mean, yerr=spread, color=colour, marker="o", ms=2, lw=0.8,
            capsize=1.5,
        )  # fmt: skip
        axes.plot(null["layer"], null, color=colour, ls=(0, (1, 1)))
    looks.layer_axis(axes, mean.sizes["layer"])
    axes.set_xlabel(style.axis_label("layer"))
    axes.set_ylabel("$A_l$, labels permuted")
    along.room_above(axes, 0.06)


def _note(cube: xr.DataTree, mark: str | None) -> str:
    at = (
        f"a–c: at {moments.label_told(mark)}, the lowest that runs at every level came to"
        if mark
        else "a–c: at the end of training, for no training loss is common to all levels"
    )
    return (
        "Alignment of training images is with the labels that were trained on, of test images "
        "with their own; lines along training are means over the seeds still in training. A "
        "random label is uniform over the classes. Percentages are of labels drawn anew once. "
        f"Bands: sd over seeds, where there are several. {at}; small dots in b: single seeds. c: "
        "clean training, labels permuted at random: mean ± sd of 20 permutations, dotted: the "
        "exact mean over all of them, derived here. Noise levels are those of Baratin et al. and "
        "100 %; data and network are defaults chosen here."
    )
