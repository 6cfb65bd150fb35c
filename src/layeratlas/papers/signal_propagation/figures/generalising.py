"""Height of the hierarchy and test error over learning rates and batch sizes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from layeratlas.figures import cells as drawn
from layeratlas.figures import style, widths
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.generalising import (
    TASKS,
    cells,
    points,
    rank_correlation,
)

#: Title, map of colours, and what a number is written by.
_MAPS = {
    "height": (r"$\max_l A_l$", "batlow", lambda value: f"{value:.3f}".lstrip("0")),
    "test_error": ("test error (%)", "lapaz", lambda value: f"{100 * value:.1f}"),
    "test_loss": ("test loss", "lapaz", lambda value: f"{value:.2f}"),
    "loss_gap": ("loss gap", "lapaz", lambda value: f"{value:.2f}"),
}
_MARKERS = "os^DvP*X"


@style.styled
def lr_batch_generalisation(cubes: Cubes, references: References) -> Figure:
    """Maps of max_l A_l, test error, test loss and loss gap at running loss 0.1, and a scatter.

    A row a task. Maps: learning rate (x) against batch size (y), means over seeds, no unit but
    errors in percent and losses in nats; hatched where no run came to running loss 0.1. Scatter:
    one point a cell, ± sd over its seeds, with Spearman's ρ; colour: learning rate, marker: batch
    size. Source: arXiv 2110.11749, abstract;
    specification §5 (F7).
    """
    tasks = [name for name in TASKS if name in cubes]
    figure = style.new_figure(style.PAGE, 0.7 + 2.4 * len(tasks))
    parts = figure.subfigures(len(tasks), 2, squeeze=False, width_ratios=(3.6, 1.4))
    spreads = []
    for (maps, scatter), name in zip(parts, tasks, strict=True):
        found = cells(cubes[name])
        row = maps.subplots(1, len(_MAPS), sharey=True)
        for axes, variable in zip(row, _MAPS, strict=True):
            _map(axes, found, variable)
        row[0].set_ylabel(style.axis_label("batch_size"))
        maps.suptitle(TASKS[name], fontsize=8)
        _scatter(scatter, found)
        spreads.append(found[["height_sd", "test_error_sd"]].max())
    style.note(figure, _note(cubes, tasks, xr.concat(spreads, "task").max()))
    return figure


def _map(axes: Axes, found: xr.Dataset, variable: str) -> None:
    from cmcrameri import cm

    title, colours, written = _MAPS[variable]
    axes.set_title(title)
    values = found[variable].values
    low, high = drawn.limits(values)
    drawn.shade(axes, values, cmap=getattr(cm, colours), vmin=low, vmax=high)
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            dark = (value - low) / (high - low) < 0.55
            axes.text(
                column, row, written(value), ha="center", va="center", fontsize=6,
                color="white" if dark else "black", gid=f"{variable}:{row},{column}",
            )  # fmt: skip
        else:
            _missing(axes, row, column)
    drawn.frame(
        axes,
        style.tick_labels("learning_rate", found["learning_rate"].values),
        style.tick_labels("batch_size", found["batch_size"].values),
    )
    axes.set_xlabel(r"$\eta$")


def _missing(axes: Axes, row: int, column: int) -> None:
    from matplotlib.patches import Rectangle

    cell = Rectangle((column - 0.5, row - 0.5), 1, 1, hatch="/////", lw=0)
    cell.set(facecolor=style.MISSING, edgecolor="0.45", gid=f"missing:{row},{column}")
    axes.add_patch(cell)


def _scatter(part: SubFigure, found: xr.Dataset) -> None:
    axes = part.subplots()
    widths.one_a_row(axes)
    rates, batches = found["learning_rate"].values, found["batch_size"].values
    colours = style.graded(len(rates))
    for i, batch in enumerate(batches):
        for j, rate in enumerate(rates):
            one = found.sel(batch_size=batch, learning_rate=rate)
            axes.errorbar(
                one["height"], 100 * one["test_error"], xerr=one["height_sd"],
                yerr=100 * one["test_error_sd"], fmt="none", ecolor=colours[j], elinewidth=0.7,
            )  # fmt: skip
            axes.plot(
                one["height"], 100 * one["test_error"], ls="none",
                marker=_MARKERS[i % len(_MARKERS)], color=colours[j], ms=4.5, mec="white", mew=0.4,
                gid=f"cell:{batch:g},{rate:g}",
            )  # fmt: skip
    cell = points(found)
    rho = rank_correlation(found)
    told = f"{rho:+.2f}".replace("-", "−") if np.isfinite(rho) else "unknown"
    axes.set_title(rf"Spearman {told}, {cell.sizes['cell']} cells")
    axes.set_xlabel(r"$\max_l A_l$")
    axes.set_ylabel("test error (%)")
    axes.margins(0.12)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10], min_n_ticks=3))
    style.open_frame(axes)
    _legend(part, rates, batches, colours)


def _legend(part: SubFigure, rates: np.ndarray, batches: np.ndarray, colours: np.ndarray) -> None:
    handles = [
        Line2D([], [], ls="none", marker="o", ms=4, color=colour, label=rf"$\eta$ = {label}")
        for colour, label in zip(colours, style.tick_labels("learning_rate", rates), strict=True)
    ]
    handles += [
        Line2D([], [], ls="none", marker=_MARKERS[i % len(_MARKERS)], ms=4, color="0.4",
               label=f"$B$ = {label}")
        for i, label in enumerate(style.tick_labels("batch_size", batches))
    ]  # fmt: skip
    part.legend(
        handles=handles, loc="outside lower center", ncols=2, handletextpad=0.1, columnspacing=0.8,
        labelspacing=0.25,
    )  # fmt: skip


def _note(cubes: Cubes, tasks: Sequence[str], worst: xr.Dataset) -> str:
    without = [TASKS[name] for name in TASKS if name not in tasks]
    spread = (
        f" Bars: sd over seeds, of the cell that differs most {float(worst['height_sd']):.3f} and "
        f"{100 * float(worst['test_error_sd']):.1f}\u00a0%."
        if np.isfinite(float(worst["height_sd"]))
        else ""
    )
    text = (
        "At the epoch where the running loss came below 0.1 a second time, of the runs that came "
        "there; hatched: none did. $A_l$ of the mean profile, training images; error and losses "
        "(nats) on all images, loss gap: test less training loss, whose sign nothing is claimed "
        f"of. Each map on its own scale.{spread} That higher alignment goes with better "
        "generalisation is the paper's; the grid is that of its scripts at preset paper, a "
        "default chosen here otherwise."
    )
    return text + (f" Not run at this preset: {'; '.join(without)}." if without else "")
