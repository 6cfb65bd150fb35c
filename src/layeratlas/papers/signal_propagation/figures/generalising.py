"""Height of the hierarchy and test error over learning rates and batch sizes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from layeratlas.figures import cells as drawn
from layeratlas.figures import style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.generalising import (
    TASKS,
    cells,
    points,
    rank_correlation,
)

_MAPS = (
    ("height", r"$\max_l A_l$", "batlow"),
    ("test_error", "test error", "lapaz"),
    ("test_loss", "test loss", "lapaz"),
    ("loss_gap", "loss gap", "lapaz"),
)
_MARKERS = "os^DvP*X"


@style.styled
def lr_batch_generalisation(cubes: Cubes, references: References) -> Figure:
    """Maps of max_l A_l, test error, test loss and loss gap at running loss 0.1, and a scatter.

    A row a task. Maps: learning rate (x) against batch size (y), means over seeds, no unit but
    losses in nats; hatched where no run came to running loss 0.1. Scatter: one point a cell, with
    Spearman's ρ; colour: learning rate, marker: batch size. Source: arXiv 2110.11749, abstract;
    specification §5 (F7).
    """
    tasks = [name for name in TASKS if name in cubes]
    figure = style.new_figure(style.PAGE, 0.7 + 2.4 * len(tasks))
    grid = figure.subplots(
        len(tasks), 5, squeeze=False, gridspec_kw={"width_ratios": [1, 1, 1, 1, 1.35]}
    )
    for row, name in zip(grid, tasks, strict=True):
        found = cells(cubes[name])
        for axes, (variable, label, colours) in zip(row, _MAPS, strict=False):
            _map(axes, found, variable, colours)
            axes.set_title(label)
        row[0].set_ylabel(f"{TASKS[name]}\n{style.axis_label('batch_size')}")
        _scatter(row[4], found)
    style.note(figure, _note(cubes, tasks))
    return figure


def _map(axes: Axes, found: xr.Dataset, variable: str, colours: str) -> None:
    from cmcrameri import cm

    values = found[variable].values
    low, high = drawn.limits(values)
    drawn.shade(axes, values, cmap=getattr(cm, colours), vmin=low, vmax=high)
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            dark = (value - low) / (high - low) < 0.55
            axes.text(
                column, row, f"{value:.3f}".lstrip("0"), ha="center", va="center", fontsize=6,
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


def _scatter(axes: Axes, found: xr.Dataset) -> None:
    rates, batches = found["learning_rate"].values, found["batch_size"].values
    colours = style.graded(len(rates))
    for i, batch in enumerate(batches):
        for j, rate in enumerate(rates):
            one = found.sel(batch_size=batch, learning_rate=rate)
            axes.plot(
                one["height"], one["test_error"], ls="none", marker=_MARKERS[i % len(_MARKERS)],
                color=colours[j], ms=4.5, mec="white", mew=0.4, gid=f"cell:{batch:g},{rate:g}",
            )  # fmt: skip
    cell = points(found)
    rho = rank_correlation(found)
    told = f"{rho:+.2f}".replace("-", "−") if np.isfinite(rho) else "unknown"
    axes.set_title(rf"Spearman {told}, $n$ = {cell.sizes['cell']}", loc="right")
    axes.set_xlabel(r"$\max_l A_l$")
    axes.set_ylabel("test error")
    style.open_frame(axes)
    _legend(axes, rates, batches, colours)


def _legend(axes: Axes, rates: np.ndarray, batches: np.ndarray, colours: np.ndarray) -> None:
    handles = [
        Line2D([], [], ls="none", marker="o", ms=4, color=colour, label=rf"$\eta$ = {label}")
        for colour, label in zip(colours, style.tick_labels("learning_rate", rates), strict=True)
    ]
    handles += [
        Line2D([], [], ls="none", marker=_MARKERS[i % len(_MARKERS)], ms=4, color="0.4",
               label=f"$B$ = {label}")
        for i, label in enumerate(style.tick_labels("batch_size", batches))
    ]  # fmt: skip
    axes.legend(handles=handles, loc="best", handletextpad=0.1, borderpad=0.2, labelspacing=0.25)


def _note(cubes: Cubes, tasks: Sequence[str]) -> str:
    without = [TASKS[name] for name in TASKS if name not in tasks]
    seeds = sorted({cubes[name]["/"].sizes["seed"] for name in tasks})
    told = " to ".join(map(str, (seeds[0], seeds[-1]) if len(seeds) > 1 else seeds))
    text = (
        "At the epoch where the running loss came below 0.1 a second time, of the runs that came "
        f"there; hatched: none did. $A_l$ of the mean profile of n\u00a0≤\u00a0{told} seeds, "
        "training images; error and losses (nats) on all images, loss gap: test less training "
        "loss, whose sign nothing is claimed of. That higher alignment goes with better "
        "generalisation is the paper's; the grid is that of its scripts at preset paper, a "
        f"default chosen here otherwise."
    )
    return text + (f" Not run at this preset: {'; '.join(without)}." if without else "")
