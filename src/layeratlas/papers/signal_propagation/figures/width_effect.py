"""Alignment of networks of several widths."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from layeratlas.figures import style
from layeratlas.figures import widths as sizes
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation import moments
from layeratlas.papers.signal_propagation.figures import along, looks
from layeratlas.papers.signal_propagation.width import (
    EXPERIMENT,
    equilibrium_layers,
    peak_layers,
    profiles_by_width,
)


@style.styled
def width_effect(cubes: Cubes, references: References) -> Figure:
    """Profiles at running loss 0.1 by width (a), their height (b), and where each seed peaks (c).

    a: A_l against the layer, mean ± sd over seeds, dotted at initialisation. b: max_l A_l of the
    mean profile (line) and of every seed (dots). c: layer of every seed's peak, and its equilibrium
    layer at initialisation, where 1 − fc_l and bc_l cross; mean and sd. No units. Source:
    specification §2.6, §5 (F11).
    """
    cube = cubes[EXPERIMENT]
    figure = style.new_figure(style.PAGE, 2.6)
    grid = figure.subplots(1, 3)
    trained = profiles_by_width(cube, "train", moments.MARK)
    _profiles(grid[0], trained, profiles_by_width(cube, "train", moments.INIT))
    _heights(grid[1], trained)
    _layers(grid[2], peak_layers(cube), equilibrium_layers(cube))
    sizes.one_a_row(grid[0])
    for letter, axes in zip("abc", grid, strict=True):
        axes.set_title(f"$\\bf{{{letter}}}$", loc="left")
        style.open_frame(axes)
    style.note(figure, _note(cube, trained))
    return figure


def _profiles(axes: Axes, trained: xr.DataArray, before: xr.DataArray) -> None:
    widths, told = trained["width"].values, []
    for width, colour in zip(widths, style.graded(len(widths)), strict=True):
        one = trained.sel(width=width)
        looks.curve(axes, one, colour, "-", f"width={width:g}")
        told.append(Line2D([], [], color=colour, marker="o", ms=2, label=f"{width:g}"))
        start = before.sel(width=width).mean("seed")
        axes.plot(start["layer"], start, color=colour, ls=(0, (1, 1)), lw=0.8)
    axes.legend(
        handles=told,
        title="width",
        title_fontsize=6.5,
        loc="upper center",
        ncols=min(3, len(widths)),
        columnspacing=0.8,
    )
    looks.layer_axis(axes, trained.sizes["layer"])
    axes.set_xlabel(style.axis_label("layer"))
    axes.set_ylabel("alignment $A_l$")
    along.room_above(axes, 0.35)


def _heights(axes: Axes, trained: xr.DataArray) -> None:
    height = trained.mean("seed").max("layer")
    each = trained.max("layer").transpose("width", "seed")
    axes.plot(height["width"], height, color="0.2", marker="o", ms=3, gid="height")
    axes.plot(each["width"], each, color="0.6", ls="none", marker="o", ms=1.8)
    axes.set_ylabel(r"$\max_l A_l$")
    along.room_above(axes, 0.05)
    _width_axis(axes, height["width"].values)


def _layers(axes: Axes, peaks: xr.DataArray, crossings: xr.DataArray) -> None:
    for values, look, shift, label in (
        (peaks, looks.PLACES["peak"], 0.95, "peak"),
        (crossings, looks.MEASURED_EQUILIBRIUM, 1.05, r"equilibrium layer $l^*$"),
    ):
        x = shift * values["width"]
        each = values.transpose("width", "seed")
        axes.plot(x, each, color=look["color"], ls="none", marker="o", ms=1.8, alpha=0.5)
        axes.errorbar(
            x, values.mean("seed"), yerr=[looks.spread(one) for one in each.values], ls="none",
            capsize=2, label=label, **{"ms": 3.5, **look, "lw": 0.8},
        )  # fmt: skip
    axes.set_ylabel("layer")
    along.room_above(axes, 0.3)
    axes.legend(loc="upper center", ncols=2, columnspacing=0.8)
    _width_axis(axes, peaks["width"].values)


def _width_axis(axes: Axes, widths: np.ndarray) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator([float(w) for w in widths]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xlim(widths.min() / 1.15, widths.max() * 1.15)
    axes.set_xlabel("width")


def _note(cube: xr.DataTree, trained: xr.DataArray) -> str:
    came = trained.notnull().any("layer").sum("seed")
    runs = ", ".join(f"{int(n)} at {w:g}" for n, w in zip(came, came["width"].values, strict=True))
    change = np.sign(np.diff(trained.mean("seed").max("layer").values))
    told = {1.0: "rises", -1.0: "falls", 0.0: "stays"}
    steps = ", ".join(told.get(float(sign), "is unknown") for sign in change)
    return (
        "At the epoch where the running loss came below 0.1 a second time; dotted: initialisation. "
        "Bars and bands: sd over seeds, where there are several, small dots: single seeds; runs "
        f"that came there: {runs}. From width to width the "
        f"height {steps}: reported, nothing is claimed of it, for the learning rate is the same "
        "at all widths, in standard parametrisation. Widths and learning rate are defaults chosen "
        r"here; $l^*$ is the operational crossing of $1-\mathrm{fc}_l$ and $\mathrm{bc}_l$, "
        f"derived here."
    )
