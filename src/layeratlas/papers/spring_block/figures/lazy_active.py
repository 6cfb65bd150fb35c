"""Lazy and active training: a network in strips above one chain, and both in motion.

Shi, Pan and Dokmanić, arXiv 2407.19353. Networks are means over seeds; a mean chain would not
shake, so one chain stands for all.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from layeratlas.cubes.population import seeds
from layeratlas.figures import style
from layeratlas.figures.animation import Animation
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block.chain_cubes import chain_settings
from layeratlas.papers.spring_block.figures import mechanics, moving
from layeratlas.papers.spring_block.figures.chain_words import parameters_told
from layeratlas.papers.spring_block.figures.layers import layer_colours
from layeratlas.papers.spring_block.figures.words import whole
from layeratlas.papers.spring_block.regimes import REGIMES

#: Moments of the strips, as fractions of the run.
_MOMENTS = (0.01, 0.03, 0.1, 0.3, 0.6, 1.0)
_PAIR = (("a", "lazy: no dropout", "steady\npull"), ("b", "active: dropout 0.28", "shaken"))


@style.styled
def lazy_active(cubes: Cubes, references: References) -> Figure:
    """Load curves of a ReLU network at six moments, above one chain, without and with noise."""
    figure = style.new_figure(style.PAGE, 4.5)
    grid = figure.subplots(4, len(_MOMENTS), height_ratios=(1.5, 0.55, 1.5, 0.55), squeeze=False)
    pair = _pair(cubes)
    limits = _common_range(pair)
    for row, (letter, words, pull) in enumerate(_PAIR):
        network, chain = pair[letter]
        for column, fraction in enumerate(_MOMENTS):
            curve, place = grid[2 * row, column], grid[2 * row + 1, column]
            epoch = _strip(curve, network, fraction, limits)
            step = _strip_chain(place, chain, fraction)
            curve.set_title(f"epoch {epoch}")
            place.set_title(f"step {whole(step)}", fontsize=6.5)
            if column:
                curve.tick_params(labelleft=False)
        grid[2 * row, 0].set_ylabel(f"{words}\n$D_l$")
        grid[2 * row + 1, 0].set_ylabel(
            pull, fontsize=6.5, rotation=0, ha="right", va="center", labelpad=3
        )
        grid[2 * row, 0].annotate(
            letter, (-0.62, 1.08), xycoords="axes fraction", fontweight="bold", fontsize=8
        )
    cube, other = cubes["network_trajectories"], cubes["spring_trajectories"]
    settings = chain_settings(other)
    style.note(
        figure,
        "Curves: ReLU network, $D_l$ under batch statistics against layer with its chord, mean "
        f"over n = {seeds(cube)} networks. Chains: "
        r"one chain each, $\mu_\to$ = 0.1, $\bar{\epsilon}$ = 0 and 0.3, at the same fraction of "
        f"its run; {parameters_told(settings, tuple(REGIMES[0].chain))}",
    )
    return figure


def lazy_active_frames(cubes: Cubes) -> Animation:
    """The same pair in motion: networks above, chains below; 60 frames, even in √t."""
    pair = _pair(cubes)
    limits = _common_range(pair)
    # Most happens early: equal steps of √t dwell there.
    fractions = np.linspace(0.0, 1.0, 61)[1:] ** 2
    with style.context():
        figure = Figure(figsize=(6.0, 3.3))
        style.FigureCanvasAgg(figure)
        # Places are fixed: a layout found anew for every frame would jitter.
        places = [
            (figure.add_axes((0.1 + 0.48 * k, 0.4, 0.38, 0.47)),
             figure.add_axes((0.06 + 0.48 * k, 0.04, 0.43, 0.2)))
            for k in range(2)
        ]  # fmt: skip

    def show(frame: int) -> None:
        for (curve, place), (letter, words, _) in zip(places, _PAIR, strict=True):
            network, chain = pair[letter]
            for axes in (curve, place):
                axes.clear()
            epoch = _strip(curve, network, fractions[frame], limits)
            _strip_chain(place, chain, fractions[frame])
            curve.set_title(f"{words}, epoch {epoch}")
            curve.set_xlabel("layer $l$")
            curve.set_ylabel("data separation $D_l$")

    return Animation(figure, show, len(fractions))


def _pair(cubes: Cubes) -> dict[str, tuple[xr.DataArray, xr.DataArray]]:
    """Regime → the network's mean curves and one chain."""
    networks, chains = moving.networks(cubes), moving.chains(cubes, over=None).isel(seed=0)
    return {
        regime.letter: (
            moving.at_cell(networks, regime.network),
            moving.at_cell(chains, regime.chain),
        )
        for regime in REGIMES[:2]
    }


def _common_range(pair: Mapping[str, tuple[xr.DataArray, xr.DataArray]]) -> tuple[float, float]:
    """One scale for both networks, so that their strips can be compared."""
    ranges = [moving.span(network) for network, _ in pair.values()]
    return min(low for low, _ in ranges), max(high for _, high in ranges)


def _at(curves: xr.DataArray, fraction: float) -> int:
    """The recorded moment nearest to a fraction of the run."""
    moments = curves["moment"].values
    return int(np.argmin(abs(moments - fraction * moments[-1])))


def _strip(axes: Axes, network: xr.DataArray, fraction: float, limits: tuple[float, float]) -> int:
    index = _at(network, fraction)
    moving.load_curve(axes, network.values[index])
    axes.set_ylim(limits)
    axes.spines[["top", "right"]].set_visible(False)
    return int(network["moment"].values[index])


def _strip_chain(axes: Axes, chain: xr.DataArray, fraction: float) -> int:
    index = _at(chain, fraction)
    distance = chain.values[index]
    colours = layer_colours(len(distance))
    if np.isfinite(distance).all():
        mechanics.chain(axes, distance[0] - distance[1:], float(distance[0]), colours[1:])
    axes.set(ylim=(-0.75, 0.75), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    return int(chain["moment"].values[index])
