"""Alignment of networks trained on noisy labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from layeratlas.figures import style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation import moments
from layeratlas.papers.signal_propagation.figures import along, looks
from layeratlas.papers.signal_propagation.label_noise import EXPERIMENT, common_mark, subset

_TEST = (0, (4, 2))


@style.styled
def label_noise(cubes: Cubes, references: References) -> Figure:
    """A_l along training at every noise level (top), and profiles at equal loss (bottom).

    Top: A_l of every layer (colour) with the labels trained on against the iteration, means over
    seeds. Bottom: A_l against the layer at the lowest running loss that all levels came to, one
    line a level, ± sd over seeds (a); its largest value against the noise (b); alignment with
    permuted labels of clean training, before and after, beside the exact null (c). No units.
    Source: arXiv 2008.00938, 2110.11749; specification §2.3, §5 (F9).
    """
    cube = cubes[EXPERIMENT]
    levels = [float(level) for level in np.sort(cube.to_dataset()["label_noise"].values)]
    mark = common_mark(cube)
    shown = mark or "final"
    figure = style.new_figure(style.PAGE, 4.6)
    halves = figure.add_gridspec(2, 1)
    row = halves[0].subgridspec(1, len(levels)).subplots(sharex=True, sharey=True, squeeze=False)[0]
    _along(figure, row, cube, levels)
    below = halves[1].subgridspec(1, 3).subplots(squeeze=False)[0]
    _profiles(below[0], cube, levels, shown)
    _heights(below[1], cube, shown)
    _permuted(below[2], cube, shown)
    for letter, axes in zip("abc", below, strict=True):
        axes.set_title(f"$\\bf{{{letter}}}$", loc="left")
        style.open_frame(axes)
    style.note(figure, _note(cube, mark))
    return figure


def _along(figure: Figure, row: Sequence[Axes], cube: xr.DataTree, levels: list[float]) -> None:
    records = moments.logged(cube)
    values = moments.history(cube, "alignment", "train", records)
    steps = moments.steps(cube, records)
    for axes, level in zip(row, levels, strict=True):
        here = steps.sel(label_noise=level).mean("seed").values
        along.layer_curves(
            axes, here, values.sel(label_noise=level).mean("seed").values, f"{level:g}"
        )
        axes.set_title(f"{100 * level:g} % random labels")
        axes.set_xlabel("SGD iteration")
        axes.set_ylim(bottom=0)
        style.open_frame(axes)
    later = steps.values[steps.values > 0]
    along.iteration_axis(row[0], float(later.min()) if later.size else 1.0)
    row[0].set_ylabel("alignment $A_l$")
    along.layer_bar(figure, row, values.sizes["layer"])


def _colours(levels: Sequence[float]) -> np.ndarray:
    return style.graded(len(levels))


def _profiles(axes: Axes, cube: xr.DataTree, levels: list[float], record: str) -> None:
    for view, dashes in (("train", "-"), ("test", _TEST)):
        values = subset(cube, "alignment", view, record)
        for level, colour in zip(levels, _colours(levels), strict=True):
            one = values.sel(label_noise=level)
            gid = f"profile,{view},{level:g}"
            looks.curve(axes, one, colour, dashes, gid, band=view == "train")
    before = subset(cube, "alignment", "train", moments.INIT).sel(label_noise=levels[0])
    axes.plot(before["layer"], before.mean("seed"), color="0.6", ls=(0, (1, 1)), gid="init")
    handles = [
        Line2D([], [], color=colour, label=f"{100 * level:g} %")
        for level, colour in zip(levels, _colours(levels), strict=True)
    ]
    handles += [
        Line2D([], [], color="0.3", ls=_TEST, label="test"),
        Line2D([], [], color="0.6", ls=(0, (1, 1)), label="initial"),
    ]
    axes.legend(handles=handles, loc="upper center", ncols=3, columnspacing=0.8, labelspacing=0.25)
    axes.set_xlabel(style.axis_label("layer"))
    axes.set_ylabel("alignment $A_l$")
    along.room_above(axes, 0.45)


def _heights(axes: Axes, cube: xr.DataTree, record: str) -> None:
    for view, dashes in (("train", "-"), ("test", _TEST)):
        values = subset(cube, "alignment", view, record)
        height = values.mean("seed").max("layer")
        axes.plot(
            100 * height["label_noise"], height, color="0.2", ls=dashes, marker="o", ms=3,
            gid=f"height,{view}", label=f"{view} images",
        )  # fmt: skip
        each = values.max("layer").transpose("label_noise", "seed")
        axes.plot(100 * each["label_noise"], each, color="0.6", ls="none", marker="o", ms=1.5)
    axes.set_xlabel("random labels (%)")
    axes.set_ylabel(r"$\max_l A_l$ of the mean")
    axes.set_ylim(bottom=0)
    axes.legend(loc="best")


def _permuted(axes: Axes, cube: xr.DataTree, record: str) -> None:
    for at, colour, told in (
        (moments.INIT, "0.6", "initialisation"),
        (record, "0.1", "trained"),
    ):
        mean, spread, null = (
            subset(cube, name, "train", at).isel(label_noise=0).mean("seed")
            for name in ("alignment_permuted", "alignment_permuted_sd", "alignment_null")
        )
        axes.errorbar(
            mean["layer"], mean, yerr=spread, color=colour, marker="o", ms=2, lw=0.8, capsize=1.5,
            label=told,
        )  # fmt: skip
        axes.plot(null["layer"], null, color=colour, ls=(0, (1, 1)))
    axes.set_xlabel(style.axis_label("layer"))
    axes.set_ylabel("$A_l$, labels permuted")
    along.room_above(axes, 0.25)
    axes.legend(loc="best")


def _note(cube: xr.DataTree, mark: str | None) -> str:
    at = (
        f"a–c: at {moments.label_told(mark)}, the lowest that runs at every level came to"
        if mark
        else "a–c: at the end of training, for no training loss is common to all levels"
    )
    return (
        "Alignment of training images is with the labels that were trained on, of test images "
        "with their own; lines along training are means over the seeds still in training. A "
        "random label is uniform over the classes. Percentages are of labels drawn "
        f"anew once. {at}; band: sd over n\u00a0=\u00a0"
        f"{along.count(cube['/'].sizes['seed'], 'seed')}, small dots in b: single seeds. c: clean "
        "training, labels permuted at random: mean ± sd of 20 permutations, dotted: the exact mean "
        "over all of them, derived here. Noise levels are those of Baratin et al. and 100 %; data "
        f"and network are defaults chosen here."
    )
