"""Networks in training beside springs in motion (Shi, Pan and Dokmanić, arXiv 2407.19353).

Curves are means over seeds.
"""

from __future__ import annotations

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from layeratlas.cubes.population import seeds
from layeratlas.figures import style
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
    networks, chains = moving.networks(cubes), moving.chains(cubes)
    figure = style.new_figure(style.PAGE, 7.6)
    grid = figure.subplots(4, 4, width_ratios=(1.7, 1, 1.7, 1), sharex="col")
    for row, regime in enumerate(REGIMES):
        network = moving.at_cell(networks, regime.network)
        chain = moving.at_cell(chains, regime.chain)
        _history(grid[row, 0], network, r"separation $D_l$")
        _final(grid[row, 1], network)
        _history(grid[row, 2], chain, r"distance $y-x_l$")
        _final(grid[row, 3], chain)
        words = (
            rf"$\alpha$ = {regime.negative_slope:g}, dropout {regime.dropout:g}",
            rf"$\mu_\to$ = {regime.friction_right:.2f}, "
            rf"$\bar{{\epsilon}}$ = {regime.noise_strength:g}",
        )
        for column, text in enumerate(words):
            axes = grid[row, 2 * column]
            axes.set_title(f"{regime.letter}{column + 1}", loc="left", fontweight="bold")
            axes.set_title(text, loc="right")
    for axes, kind in zip(grid[0, ::2], ("Networks in training", "Springs"), strict=True):
        axes.annotate(kind, (0, 1.2), xycoords="axes fraction", fontsize=9)
    for axes, name in zip(grid[-1], ("epoch", "layer $l$", "step", "block $l$"), strict=True):
        axes.set_xlabel(name)
    layer_bar(figure, grid, networks.sizes["layer"], "layer or block $l$", aspect=70)
    cube, other = cubes["network_trajectories"], cubes["spring_trajectories"]
    settings = chain_settings(other)
    style.note(
        figure,
        r"Left: $D_l=\ln(\mathrm{tr}\,\Sigma_w/\mathrm{tr}\,\Sigma_b)$ of the training set, batch "
        "norm with batch statistics, dropout off; "
        f"mean over n = {seeds(cube)} networks. "
        f"Right: mean over n = {seeds(other)} chains, "
        f"{parameters_told(settings, tuple(REGIMES[0].chain))} Narrow panels: the load curve at "
        f"the end and its chord.",
    )
    return figure


def _history(axes: Axes, curves: xr.DataArray, label: str) -> None:
    moments, values = curves["moment"].values, curves.values
    for layer, colour in enumerate(layer_colours(values.shape[1])):
        axes.plot(moments, values[:, layer], color=colour, lw=1.2, gid=f"layer:{layer}")
    axes.set(xlim=(0, moments[-1]), ylim=moving.span(curves), ylabel=label)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelbottom=True)


def _final(axes: Axes, curves: xr.DataArray) -> None:
    """The load curve at the end on the scale of the history to its left."""
    final = curves.isel(moment=-1)
    moving.load_curve(axes, final.values)
    axes.set_ylim(moving.span(curves))
    axes.tick_params(labelbottom=True, labelleft=False)
    axes.spines[["top", "right"]].set_visible(False)
    ci = float(load_curves.convexity_index(final))
    axes.set_title(f"CI {signed(ci, '+.2f')}", loc="right", fontsize=7)
