"""Which chain does a network's whole training resemble, in four regimes?

Beyond the paper; see `layeratlas.chains.fits`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import Normal, Stroke
from matplotlib.text import Text

from layeratlas.cubes.population import seeds
from layeratlas.cubes.told import told_setting
from layeratlas.figures import palette, style
from layeratlas.figures.ticks import few_ticks
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block.figures.chain_words import parameters_told
from layeratlas.papers.spring_block.figures.layers import layer_bar, layer_colours
from layeratlas.papers.spring_block.figures.poor_fits import POOR, is_poor
from layeratlas.papers.spring_block.regimes import REGIMES, at_cell

#: Parameter → symbol and format, in the order of the panels' text.
_TOLD = {
    "friction_right": (r"$\mu_\to$", "{:.3f}"),
    "noise_strength": (r"$\bar{\epsilon}$", "{:.2f}"),
    "steps_per_epoch": ("$c$", "{:.0f}"),
}
_FITTED, _OF_END = palette.BLUE, palette.ORANGE


@style.styled
def spring_fit_trajectories(cubes: Cubes, references: References) -> Figure:
    """D_l(t) of networks over the chain fitted to it, the misfit over time, and the parameters.

    Rows: the trajectories on the scale of the wall, D_0 at 1 and the smallest value at 0, network
    solid and chain dashed, one colour a layer; their rms distance over the layers at each epoch,
    of the fitted chain and of the chain that the last epoch alone would choose, with the
    tolerance; the fitted parameters in words.
    """
    cube = cubes["spring_fit_trajectories"]
    fits, ends = (_node(cube, name) for name in ("cells", "load_curve_chain"))
    tracks = _node(cube, "trajectories").rename(epoch="moment")
    figure = style.new_figure(style.PAGE, 7.1)
    grid = figure.subplots(3, 4, sharey="row", height_ratios=(1.5, 1, 1.15))
    above, highest = 0.0, 1.0
    for column, regime in enumerate(REGIMES):
        curves = {
            str(name): at_cell(track, regime.network).transpose("moment", "layer")
            for name, track in tracks.items()
        }
        fit, end = (node.sel(regime.network, method="nearest") for node in (fits, ends))
        highest = max(highest, _over_each_other(grid[0, column], curves))
        above = max(above, _misfit(grid[1, column], curves, fit, end))
        _parameters(grid[2, column], fit)
        for axes in grid[:, column]:
            axes.set_title(regime.letter, loc="left", fontweight="bold")
        words = f"$\\alpha$\u00a0=\u00a0{regime.negative_slope:g}, dropout\u00a0{regime.dropout:g}"
        grid[0, column].set_title(words, loc="right", fontsize=7)
    grid[0, 0].set_ylim(-0.04 * highest, 1.04 * highest)
    _lines_told(figure)
    grid[1, 0].set_ylim(0, 1.08 * above or 1.0)
    grid[0, 0].set_ylabel("$D_l$ and $y-x_l$, rescaled\n(wall $D_0$, $y$ at 1; smallest at 0)")
    grid[1, 0].set_ylabel("rms distance")
    layer_bar(figure, grid[0], tracks.sizes["layer"], "layer or block $l$", aspect=16, fraction=0.1)
    style.note(figure, _trajectory_note(cube, fits))
    return figure


def _node(cube: xr.DataTree, name: str) -> xr.Dataset:
    node = cube[name].to_dataset()
    return node.drop_vars("seed", errors="ignore").astype(float).compute()


#: Whose curve → its dashes.
_DASHES = {"network": "-", "chain": (0, (3, 1.5))}


def _over_each_other(axes: Axes, curves: Mapping[str, xr.DataArray]) -> float:
    """Returns the largest value drawn."""
    epochs = curves["network"]["moment"].values
    for layer, colour in enumerate(layer_colours(curves["network"].sizes["layer"])):
        for name, line in _DASHES.items():
            axes.plot(
                epochs, curves[name].values[:, layer], color=colour, ls=line, lw=1.0,
                alpha=0.75 if name == "network" else 1, gid=f"{name}:{layer}",
            )  # fmt: skip
    axes.set(xlim=(0, epochs[-1]))
    few_ticks(axes, "x")
    axes.spines[["top", "right"]].set_visible(False)
    return max(float(np.nanmax(curves[name].values, initial=0.0)) for name in _DASHES)


def _lines_told(figure: Figure) -> None:
    """Solid and dashed of the upper panels, and the two colours of the middle ones."""
    lines = [Line2D([], [], color="0.3", ls=dashes, lw=1.0) for dashes in _DASHES.values()]
    lines += [Line2D([], [], color=colour, lw=1.2) for colour in (_FITTED, _OF_END)]
    words = [*_DASHES, "chain fitted to the trajectory", "to the last epoch"]
    figure.legend(lines, words, loc="outside upper left", ncols=4, handlelength=1.6)


def _misfit(
    axes: Axes, curves: Mapping[str, xr.DataArray], fit: xr.Dataset, end: xr.Dataset
) -> float:
    """Returns the largest distance drawn."""
    epochs, network = curves["network"]["moment"].values, curves["network"]
    top = 0.0
    for name, colour in (("chain", _FITTED), ("load_curve_chain", _OF_END)):
        apart = np.sqrt(((curves[name] - network) ** 2).mean("layer").values)
        axes.plot(epochs, apart, color=colour, lw=1.2, gid=f"misfit:{name}")
        top = max(top, float(np.nanmax(apart, initial=0.0)))
    axes.axhspan(0, float(fit["tolerance"]), color="0.85", lw=0, zorder=0, gid="tolerance")
    told = f"$r$\u00a0=\u00a0{float(fit['residual']):.3f}, {float(end['residual']):.3f}"
    axes.set_title(told, loc="right", fontsize=7)
    axes.set(xlim=(0, epochs[-1]), xlabel="epoch")
    few_ticks(axes, "x")
    axes.spines[["top", "right"]].set_visible(False)
    return top


def _parameters(axes: Axes, fit: xr.Dataset) -> None:
    """Two lines a parameter: value ± spread over seeds, and the interval that fits as well."""
    axes.set(xticks=[], yticks=[])
    axes.set_axis_off()
    down = 0.0

    def line(text: str, **look: Any) -> Text:
        nonlocal down
        # Lines stand a line apart, however high the panel is.
        label = axes.annotate(
            text, (0, 1), (0, -down), xycoords="axes fraction", textcoords="offset points",
            fontsize=6.5, va="top", **look,
        )  # fmt: skip
        # The layout would make the panels above as narrow as their words are wide.
        label.set_in_layout(False)
        down += 9.5
        return label

    for name, (symbol, form) in _TOLD.items():
        value, spread, low, high = (
            form.format(float(fit[f"{name}_{what}"])) for what in ("fit", "seed_std", "low", "high")
        )
        if not np.isfinite(float(fit[f"{name}_fit"])):
            line(f"{symbol}: no fit", gid=f"fit:{name}")
        elif float(fit[f"{name}_identifiable"]) == 1:
            # One seed has no spread.
            known = np.isfinite(float(fit[f"{name}_seed_std"]))
            spread = f" ± {spread}" if known else ""
            line(f"{symbol}{_relation(fit, name)}{value}{spread}", gid=f"fit:{name}")
            line(f"     as good: {low}–{high}", color="0.45")
        else:
            label = line(f"{symbol} not identifiable", gid=f"fit:{name}")
            label.set_bbox({"hatch": "/////", "fc": "none", "ec": "0.65", "lw": 0, "pad": 1})
            label.set_path_effects([Stroke(linewidth=2.5, foreground="white"), Normal()])
            line(f"     as good: {low}–{high}", color="0.45")
    if bool(is_poor(fit)):
        line("no chain comes close", color=style.CURVE, gid="poor")


def _relation(fit: xr.Dataset, name: str) -> str:
    """Whether a value is an estimate or the end of what the library offers."""
    end = float(fit[f"{name}_at_end"])
    # None of something is no bound: there is no less.
    if end < 0 and float(fit[f"{name}_fit"]) == 0:
        return " = "
    return " ≥ " if end > 0 else " ≤ " if end < 0 else " = "


def _trajectory_note(cube: xr.DataTree, fits: xr.Dataset) -> str:
    chain = told_setting(cube, "chain", "library_settings")
    n = seeds(cube)
    spread = "± standard deviation over seeds" if n > 1 else "of the one seed"
    poor = int(is_poor(fits).sum())
    missing = {
        symbol: int((fits[f"{name}_identifiable"] != 1).sum())
        for name, (symbol, _) in _TOLD.items()
    }
    unknown = ", ".join(f"{symbol} in {count}" for symbol, count in missing.items() if count)
    return (
        "Top: data separation under batch statistics, mean over seeds (solid), and the chain "
        "nearest to it (dashed), each rescaled so that its wall ($D_0$, mean over epochs; $y$) is "
        "at 1 and the smallest value of its whole trajectory at 0. Layers of an untrained network "
        "may lie above the wall, where no chain starts, which also slows the fitted clock $c$. "
        "Middle: their distance over the layers, beside that of the chain whose load curve is "
        "nearest at the last epoch, and the rms $r$ of either over the run; grey: tolerance, the "
        "scatter between seeds or chains. Bottom: "
        f"friction, noise and $c$ steps of the chain an epoch, {spread}, below each all that fits "
        "within the tolerance; ≥, ≤: at the end of the library. Hatched: not identifiable, more "
        f"than half of the library fits as well ({unknown or 'nowhere here'}). No chain comes "
        f"within {POOR:g} tolerances in "
        f"{poor} of {fits['residual'].size} regimes: the parameters there are those of the least "
        f"bad chain. {parameters_told(chain, tuple(REGIMES[0].chain))}"
    )
