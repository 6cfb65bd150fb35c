"""Alignment of every layer along training."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from layeratlas.figures import style, widths
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation import moments
from layeratlas.papers.signal_propagation.dynamics import EXPERIMENT, rates_shown
from layeratlas.papers.signal_propagation.figures import along

_VIEWS = (("train", "training images"), ("test", "test images"))


@style.styled
def alignment_dynamics(cubes: Cubes, references: References) -> Figure:
    """A_l of every layer (colour) against the iteration, and accuracy.

    A_l = yᵀK_lᶜy / (‖K_lᶜ‖_F ‖y‖²), no unit, on a class-balanced subset of training images (row 1)
    and of test images (row 2); row 3: accuracy on all training (solid) and test images (dashed), in
    percent. Columns: learning rates. Lines: means over seeds, shaded ± sd. Dashed upright: the
    running loss came below 0.1. Source: arXiv 2110.11749, released scripts; specification §2.3, §4
    (S10), §5 (F2).
    """
    cube = cubes[EXPERIMENT]
    rates = rates_shown(cube)
    records = moments.logged(cube)
    figure = style.new_figure(style.PAGE, 5.4)
    grid = figure.subplots(3, len(rates), sharex=True, sharey="row", squeeze=False)
    profiles = {view: moments.history(cube, "alignment", view, records) for view, _ in _VIEWS}
    layers = profiles["train"].sizes["layer"]
    for column, rate in zip(grid.T, rates, strict=True):
        here = {"learning_rate": rate}
        steps = moments.steps(cube, records).sel(here).mean("seed").values
        column[0].set_title(along.setting_told(rate, "learning_rate"))
        for axes, (view, told) in zip(column, _VIEWS, strict=False):
            values = profiles[view].sel(here).transpose("seed", "record", "layer")
            along.layer_curves(axes, steps, values.values, f"{view},{rate:g}")
            if rate == rates[0]:
                axes.set_ylabel(f"alignment $A_l$\n{told}")
        _accuracy(column[2], cube, here, steps, records)
        _marks(column, cube, here)
        column[2].set_xlabel("SGD iteration")
    grid[2, 0].set_ylabel("accuracy (%)")
    along.percent_axis(grid[2, 0])
    for axes in grid.flat:
        style.open_frame(axes)
    for axes in grid[:2, 0]:
        along.from_zero(axes)
    along.iteration_axis(grid[0, 0], _first(cube, records))
    along.layer_bar(figure, list(grid[:2].flat), layers)
    widths.keep_whole(grid[0, 0])
    _legend(figure)
    style.note(figure, _note(cube, rates))
    return figure


def _first(cube: xr.DataTree, records: list[str]) -> float:
    """The first iteration that is logged after the beginning."""
    found = moments.steps(cube, records).values
    return float(np.nanmin(found[found > 0])) if (found > 0).any() else 1.0


def _accuracy(axes: Axes, cube: xr.DataTree, here: dict, steps, records: list[str]) -> None:
    for split, dashes in (("train", "-"), ("test", (0, (4, 2)))):
        values = 100 * moments.evaluated_along(cube, f"{split}_accuracy", records).sel(here)
        runs = values.transpose("seed", "record").values
        along.line(axes, steps, runs, color="0.2", ls=dashes, gid=f"accuracy,{split}")


def _marks(column, cube: xr.DataTree, here: dict) -> None:
    if moments.MARK not in moments.labels(cube):
        return
    came = moments.reached(cube, moments.MARK).sel(here)
    at = moments.steps(cube, [moments.MARK]).sel(here).isel(record=0).where(came)
    for step in at.values[np.isfinite(at.values)]:
        for axes in column:
            axes.axvline(step, color="0.45", lw=0.7, ls=(0, (2, 2)), zorder=0, gid="mark")


def _legend(figure: Figure) -> None:
    figure.legend(
        handles=[
            Line2D([], [], color="0.2", label="accuracy, training"),
            Line2D([], [], color="0.2", ls=(0, (4, 2)), label="test"),
            Line2D([], [], color="0.45", lw=0.7, ls=(0, (2, 2)), label="running loss below 0.1"),
        ],
        loc="outside upper center",
        ncols=3,
    )


def _note(cube: xr.DataTree, rates: list[float]) -> str:
    lost = []
    if moments.MARK in moments.labels(cube):
        came = moments.reached(cube, moments.MARK)
        lost = [rate for rate in rates if not came.sel(learning_rate=rate).any()]
    told = (
        f" No run at learning rate {', '.join(style.tick_labels('learning_rate', lost))} came to "
        "a running loss of 0.1."
        if lost
        else ""
    )
    return (
        r"$A_l=y^\top K_l^c y/(\|K_l^c\|_F\,\|y\|^2)$ of the centred tangent kernel of layer $l$, "
        "on class-balanced images; the log of iterations, depth, width and optimiser are those of "
        "the authors' scripts, the learning rates drawn and the number of images defaults chosen "
        "here, where the preset is not paper. Iteration 0 is initialisation. Bands: sd over seeds, "
        f"where there are several.{told}"
    )
