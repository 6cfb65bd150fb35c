"""Networks in training beside springs in motion (Shi, Pan and Dokmanić, arXiv 2407.19353).

Curves are means over seeds, bands their standard deviation.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from layeratlas.cubes.statistics import mean_over
from layeratlas.figures import style
from layeratlas.figures.ticks import few_ticks
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.chain_cubes import chain_settings
from layeratlas.papers.spring_block.figures import moving
from layeratlas.papers.spring_block.figures.chain_words import parameters_told
from layeratlas.papers.spring_block.figures.layers import layer_bar, layer_colours
from layeratlas.papers.spring_block.figures.words import signed
from layeratlas.papers.spring_block.regimes import REGIMES


@style.styled
def trajectories(cubes: Cubes, references: References) -> Figure:
    """D_l against epoch (left) and y − x_l against step (right), in four regimes.

    Beside each panel, on the same scale, the final load curve with its chord.
    """
    networks, chains = moving.networks(cubes, over=None), moving.chains(cubes, over=None)
    figure = style.new_figure(style.PAGE, 7.4)
    grid = figure.subplots(4, 4, width_ratios=(1.7, 1, 1.7, 1), sharex="col")
    for row, regime in enumerate(REGIMES):
        network = moving.at_cell(networks, regime.network)
        chain = moving.at_cell(chains, regime.chain)
        _history(grid[row, 0], network, "network: $D_l$")
        _final(grid[row, 1], network)
        _history(grid[row, 2], chain, "springs: $y-x_l$")
        _final(grid[row, 3], chain)
        words = (
            f"$\\alpha$\u00a0=\u00a0{regime.negative_slope:g}, dropout\u00a0{regime.dropout:g}",
            f"$\\mu_\\to$\u00a0=\u00a0{regime.friction_right:.2f}, "
            f"$\\bar{{\\epsilon}}$\u00a0=\u00a0{regime.noise_strength:g}",
        )
        for column, text in enumerate(words):
            axes = grid[row, 2 * column]
            axes.set_title(f"{regime.letter}{column + 1}", loc="left", fontweight="bold")
            axes.set_title(text, loc="right")
    for axes, name in zip(grid[-1], ("epoch", "layer $l$", "step", "block $l$"), strict=True):
        axes.set_xlabel(name)
    layer_bar(figure, grid, networks.sizes["layer"], "layer or block $l$", aspect=70)
    spread = (
        " Bands and bars: ± standard deviation over seeds."
        if max(networks.sizes["seed"], chains.sizes["seed"]) > 1
        else ""
    )
    style.note(
        figure,
        r"a1–d1: $D_l=\ln(\mathrm{tr}\,\Sigma_w/\mathrm{tr}\,\Sigma_b)$ of the training set, mean "
        "over networks, batch norm with batch statistics, dropout off. "
        "a2–d2: distance of block $l$ to the target, mean over chains, "
        f"{parameters_told(chain_settings(cubes['spring_trajectories']), tuple(REGIMES[0].chain))} "
        "Narrow panels: the load curve at the end, its chord (dashed) and its convexity index CI."
        f"{spread}",
    )
    return figure


def _history(axes: Axes, curves: xr.DataArray, label: str) -> None:
    """Mean of (seed, moment, layer), a band of its standard deviation where there are several."""
    moments, values, spread = _moments(curves)
    for layer, colour in enumerate(layer_colours(values.shape[1])):
        middle, width = values[:, layer], spread[:, layer]
        if np.isfinite(width).any():
            axes.fill_between(
                moments, middle - width, middle + width, color=colour, alpha=0.3, lw=0,
                gid=f"spread:{layer}",
            )  # fmt: skip
        axes.plot(moments, middle, color=colour, lw=1.2, gid=f"layer:{layer}")
    axes.set(xlim=(0, moments[-1]), ylim=_span(curves), ylabel=label)
    few_ticks(axes)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelbottom=True)


def _moments(curves: xr.DataArray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Moments; mean and sample standard deviation over seeds, (moment, layer)."""
    mean = mean_over(curves, ["seed"])
    if curves.sizes["seed"] < 2:
        return curves["moment"].values, mean.values, np.full(mean.shape, np.nan)
    return curves["moment"].values, mean.values, curves.std("seed", ddof=1).values


def _span(curves: xr.DataArray) -> tuple[float, float]:
    """Room for the mean and its band."""
    _, mean, spread = _moments(curves)
    ends = np.stack([mean - np.nan_to_num(spread), mean + np.nan_to_num(spread)])
    return moving.span(xr.DataArray(ends))


def _final(axes: Axes, curves: xr.DataArray) -> None:
    """The load curve at the end on the scale of the history to its left."""
    _, mean, spread = _moments(curves)
    moving.load_curve(axes, mean[-1], spread[-1])
    axes.set_ylim(_span(curves))
    few_ticks(axes, "y")
    axes.tick_params(labelbottom=True, labelleft=False)
    axes.spines[["top", "right"]].set_visible(False)
    each = load_curves.convexity_index(curves.isel(moment=-1))
    ci = float(load_curves.convexity_index(mean_over(curves.isel(moment=-1), ["seed"])))
    told = f"CI\u00a0{signed(ci, '+.2f')}"
    if np.isfinite(each).sum() > 1:
        told += f"\u00a0±\u00a0{float(each.std('seed', ddof=1)):.2f}"
    axes.set_title(told, loc="right", fontsize=7)
