"""Figure of signals before training: what is left forward and backward, layer by layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from layeratlas.figures import palette, style, widths
from layeratlas.figures.ticks import plain_log
from layeratlas.infinite_width.asymptotics import asymptote
from layeratlas.infinite_width.recursion import correlations
from layeratlas.infinite_width.relu import Rectifier
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation import equilibrium
from layeratlas.papers.signal_propagation.figures import looks
from layeratlas.papers.signal_propagation.pairs import (
    crossing_at_mean,
    map_of,
    mean_over_pairs,
    pair_errors,
)

_FORWARD, _BACKWARD = palette.of("forward"), palette.of("backward")
_MARKERS = "o^sDv"


@style.styled
def signal_propagation(cubes: Cubes, references: References) -> Figure:
    """Networks of several widths beside the recursion of infinite width (a, b), and its limit (c).

    a: 1 − fc_l and bc_l, dots the networks' means over seeds ± sd, lines the recursion averaged
    over pairs; b: mean error of pairs in the layer where it is largest, against width; c: l² (1 −
    fc_l).
    """
    cube = cubes["signal_propagation"]
    figure = style.new_figure(style.PAGE, 2.7)
    a, b, c = figure.subplots(1, 3, width_ratios=(1.25, 1, 1))
    _profiles(a, cube)
    _errors(b, cube)
    _limit(c, cube)
    for letter, axes in zip("abc", (a, b, c), strict=True):
        axes.set_title(letter, loc="left", fontweight="bold")
        style.open_frame(axes)
    widths.one_a_row(a)
    style.note(
        figure,
        "Before training. Lines in a and c: infinite width, derived here; marks in a: networks, "
        "± sd over seeds, widths side by side; $c_0$ = "
        f"{float(equilibrium.first_cosine(cube).mean()):.3f}. fc and bc: mean cosines over pairs "
        "of images of what a layer reads, and of cotangents; that their crossing is the "
        "equilibrium layer is derived here. b: dots are seeds, lines their mean, dashed the "
        "control that starts a pair from another pair's cosine.",
    )
    return figure


def _profiles(axes: Axes, cube: xr.DataTree) -> None:
    every = equilibrium.correlations(cube)
    both = every.mean("seed")
    layers = both["layer"].values
    told = mean_over_pairs(cube)
    axes.plot(layers, told.loss, color=_FORWARD, lw=0.9)
    axes.plot(layers, told.backward, color=_BACKWARD, lw=0.9)
    for k, (marker, width) in enumerate(zip(_MARKERS, both["width"].values, strict=False)):
        # Networks lie so near to one another that they would hide each other.
        at = layers + 0.16 * (k - (both.sizes["width"] - 1) / 2)
        here = every.sel(width=width)
        dots: dict[str, Any] = {"ls": "", "marker": marker, "ms": 3, "mfc": "white", "mew": 0.7}
        for runs, colour in ((1 - here["forward"], _FORWARD), (here["backward"], _BACKWARD)):
            spread = runs.std("seed", ddof=1) if runs.sizes["seed"] > 1 else None
            axes.errorbar(at, runs.mean("seed"), yerr=spread, color=colour, elinewidth=0.7, **dots)
        axes.plot([], [], color="0.1", label=f"width {width}", **dots)
    crossed = crossing_at_mean(cube)
    axes.axvline(crossed, ymin=0.3, gid="mean_field", **looks.EQUILIBRIUM)
    axes.plot([], [], color=_FORWARD, label=r"forward, $1-\mathrm{fc}_l$")
    axes.plot([], [], color=_BACKWARD, label=r"backward, $\mathrm{bc}_l$")
    axes.plot([], [], label=rf"$l^*_\mathrm{{mf}}={crossed:.2f}$", **looks.EQUILIBRIUM)
    axes.set(xlabel="layer $l$", ylabel="information left", yscale="log")
    looks.layer_axis(axes, len(layers))
    low, _ = axes.get_ylim()
    axes.set_ylim(low / 5.5, 1.3)
    plain_log(axes.yaxis)
    axes.legend(loc="lower center", ncols=2, columnspacing=1, handlelength=1.4)


def _errors(axes: Axes, cube: xr.DataTree) -> None:
    off = pair_errors(cube).max("layer")
    control = pair_errors(cube, shuffle=True).max("layer")
    sizes = off["width"].values.astype(float)
    for name, colour in (("forward", _FORWARD), ("backward", _BACKWARD)):
        draws = off[name].transpose("width", "seed").values
        axes.plot(sizes, draws, color=colour, ls="", marker="o", ms=2, alpha=0.5)
        axes.plot(sizes, draws.mean(1), color=colour, label=name)
        axes.plot(sizes, control[name].mean("seed"), color=colour, ls="--", lw=0.8)
    guide = float(off["backward"].mean("seed")[0]) * (sizes / sizes[0]) ** -0.5
    axes.plot([], [], color="0.3", ls="--", lw=0.8, label="started at another pair's")
    axes.plot(
        sizes, guide * 0.7, color="0.5", ls=":", gid="guide", label=r"$\propto$ width$^{-1/2}$"
    )
    axes.set(xscale="log", yscale="log", xlabel="width", ylabel="mean error of pairs, worst layer")
    axes.set_xticks(sizes, [f"{w:g}" for w in sizes])
    axes.minorticks_off()
    plain_log(axes.yaxis)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high * (high / low) ** 0.8)
    axes.legend(loc="upper right")


def _limit(axes: Axes, cube: xr.DataTree) -> None:
    own = map_of(cube)
    start = float(equilibrium.first_cosine(cube).mean())
    layers = np.unique(np.geomspace(1, 20_000, 60).astype(int))
    found = correlations(own, start, int(layers[-1]))
    axes.semilogx(layers, layers**2 * found.loss[layers - 1], color=_FORWARD)
    axes.set_xticks([1, 100, 10_000], ["1", "100", "10,000"])
    if isinstance(own, Rectifier):
        level = asymptote(own).loss
        axes.axhline(level, color="0.5", lw=0.7, ls=":", gid="guide")
        axes.annotate(
            rf"$9\pi^2/2={level:.2f}$" if own.bend == 1 else f"{level:.2f}",
            (1.2, level),
            xytext=(0, 3),
            textcoords="offset points",
            fontsize=6.5,
        )
        axes.set_ylim(0, 1.2 * level)
    axes.set(xlabel="layer $l$, infinite width", ylabel=r"$l^2\,(1-\mathrm{fc}_l)$")
