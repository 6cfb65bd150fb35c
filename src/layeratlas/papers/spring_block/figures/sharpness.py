"""Sharpness of the loss against the shape of the load curve.

The released code of *Spring-block theory of feature learning* (arXiv 2407.19353) records the
Hessian for every run; the paper shows no figure of it, so nothing is claimed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from layeratlas.cubes import selecting
from layeratlas.cubes.population import seeds
from layeratlas.cubes.statistics import spearman
from layeratlas.figures import style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.figures.words import signed
from layeratlas.papers.spring_block.layout import diagram
from layeratlas.papers.spring_block.noise import noise_axis

EXPERIMENT = "sharpness"
QUANTITIES = (
    ("hessian_top_eigenvalue", "a", r"top Hessian eigenvalue $\lambda_{\max}$"),
    ("hessian_trace", "b", r"Hessian trace $\mathrm{tr}\,H$"),
)
_MARKERS = "os^DvP*X<>ph"


@style.styled
def sharpness(cubes: Cubes, references: References) -> Figure:
    """Top eigenvalue (a) and trace (b) of the Hessian against CI, one point a cell.

    H = ∂²L/∂θ∂θᵀ of the mean training loss over all parameters, in units of the loss (nats) per
    squared parameter. Points: seed means against the convexity index of the seed-mean curve; bars:
    sample standard deviation over seeds of either. Colour: negative slope; marker: noise; lines
    join the cells of a slope. ρ is Spearman's over the cells drawn. Source: arXiv 2407.19353,
    released code.
    """
    cube = cubes[EXPERIMENT]
    noise = noise_axis(cube)
    each = _cells(load_curves.convexity_index(load_curves.load_curve(cube, over=None)))
    apart = each.std("seed", ddof=1) if each.sizes["seed"] > 1 else None
    convexity = _cells(load_curves.convexity_index(load_curves.load_curve(cube)))
    figure = style.new_figure(style.PAGE, 3.3)
    undrawn = {}
    for axes, (variable, letter, label) in zip(figure.subplots(1, 2), QUANTITIES, strict=True):
        values = _cells(selecting.final(selecting.recorded(cube, variable)))
        undrawn[letter] = _panel(axes, convexity, values, noise, apart)
        axes.set_title(letter, loc="left", fontweight="bold")
        axes.set_xlabel("convexity index CI")
        axes.set_ylabel(label)
    _legend(figure, convexity, noise)
    style.note(figure, _note(cube, undrawn))
    return figure


def _cells(array: xr.DataArray) -> xr.DataArray:
    """(slope, noise, …), ReLU first and least stochastic first, in double precision."""
    noise = noise_axis(array)
    return diagram(array).transpose("negative_slope", noise, ...).astype("float64")


def _panel(
    axes: Axes,
    convexity: xr.DataArray,
    runs: xr.DataArray,
    noise: str,
    apart: xr.DataArray | None,
) -> int:
    """Draws the cells, and gives the number of those that a logarithmic axis cannot show."""
    mean, spread = runs.mean("seed"), runs.std("seed", ddof=1)
    drawn = np.isfinite(convexity.values) & np.isfinite(mean.values) & (mean.values > 0)
    colours = style.graded(runs.sizes["negative_slope"])
    axes.set_yscale("log")
    for row, column in np.argwhere(drawn):
        bar = spread.values[row, column]
        here = {name: float(convexity[name][i]) for name, i in
                (("negative_slope", row), (noise, column))}  # fmt: skip
        container = axes.errorbar(
            convexity.values[row, column],
            mean.values[row, column],
            # One seed has no spread; below zero there is nothing on this axis.
            yerr=_within(mean.values[row, column], bar),
            xerr=None if apart is None else np.nan_to_num(apart.values[row, column]),
            color=colours[row],
            marker=_MARKERS[column % len(_MARKERS)],
            ms=5,
            markeredgecolor="white",
            markeredgewidth=0.4,
            lw=0.7,
            ls="none",
        )
        container.lines[0].set_gid(",".join(f"{name}={value:g}" for name, value in here.items()))
    for row, colour in enumerate(colours):
        # A line along the noise axis; it breaks where a cell is not drawn.
        x, y = (np.where(drawn, a.values, np.nan)[row] for a in (convexity, mean))
        axes.plot(x, y, color=colour, lw=0.6, alpha=0.5, zorder=1, gid="guide:slope")
    _plain_ticks(axes, mean.values[drawn])
    axes.axvline(0, color="0.4", lw=0.8, ls=(0, (4, 2)), zorder=0, gid="guide:even")
    style.open_frame(axes)
    rank = np.nan
    if drawn.sum() > 2:
        x, y = (xr.DataArray(a.values[drawn], dims="cell") for a in (convexity, mean))
        rank = float(spearman(x, y, "cell"))
    text = f"Spearman ρ = {signed(rank)}, " if np.isfinite(rank) else ""
    axes.legend(handles=[], title=f"{text}n = {drawn.sum()} cells", title_fontsize=6.5, loc="best")
    return int(drawn.size - drawn.sum())


def _plain_ticks(axes: Axes, values: np.ndarray) -> None:
    """1, 2, 5 in plain digits where the values span few decades and need no powers of ten."""
    if values.size and values.min() > 0.01 and values.max() < min(300 * values.min(), 1e5):
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _within(mean: float, bar: float) -> list[list[float]] | None:
    return [[min(bar, 0.999 * mean)], [bar]] if np.isfinite(bar) else None


def _legend(figure: Figure, cells: xr.DataArray, noise: str) -> None:
    """Two lines above the panels: colours are slopes, markers are noise, least first."""
    slopes, columns = (cells[name].values for name in ("negative_slope", noise))
    point: dict[str, Any] = {"ls": "none", "ms": 5, "mec": "white", "mew": 0.4}

    def words(name: str) -> Line2D:
        return Line2D([], [], ls="none", label=style.axis_label(name))

    of_slope = [
        Line2D([], [], color=colour, marker="o", label=label, **point)
        for colour, label in zip(
            style.graded(len(slopes)), style.tick_labels("negative_slope", slopes), strict=True
        )
    ]
    of_noise = [
        Line2D([], [], color="0.35", marker=_MARKERS[i % len(_MARKERS)], label=label, **point)
        for i, label in enumerate(style.tick_labels(noise, columns))
    ]
    lines = [words("negative_slope"), *of_slope], [words(noise), *of_noise]
    nothing = Line2D([], [], ls="none", label=" ")
    # A legend is filled column by column.
    pairs = list(zip_longest(*lines, fillvalue=nothing))
    figure.legend(
        handles=[handle for pair in pairs for handle in pair],
        loc="outside upper left",
        ncols=len(pairs),
        handletextpad=0.1,
        columnspacing=0.8,
        handlelength=1.2,
    )


def _note(cube: xr.DataTree, undrawn: Mapping[str, int]) -> str:
    n = seeds(cube)
    text = (
        r"$H$: Hessian of the mean training loss over all parameters, clean images, batch norm "
        "with running statistics, dropout off. CI: convexity index of the load curve"
        f"{' of the seed mean' if n > 1 else ''}; dashed: even load. One point a cell, "
        "lines join those of a slope"
        f"{'; mean ± standard deviation over seeds' if n > 1 else ''}; ρ over the cells drawn. "
        f"The trace is a mean over random probes, with a standard error of some percent."
    )
    missing = [f"{letter} {count}" for letter, count in undrawn.items() if count]
    if missing:
        text += (
            f" Cells without a positive value, not drawn: {', '.join(missing)} "
            "(diverged, missing or not settled)."
        )
    return text
