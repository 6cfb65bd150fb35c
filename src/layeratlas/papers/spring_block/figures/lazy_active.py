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

from layeratlas.cubes.statistics import mean_over
from layeratlas.figures import style
from layeratlas.figures.animation import Animation
from layeratlas.figures.ticks import few_ticks
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block.chain_cubes import chain_settings
from layeratlas.papers.spring_block.figures import mechanics, moving
from layeratlas.papers.spring_block.figures.chain_words import parameters_told
from layeratlas.papers.spring_block.figures.layers import layer_colours
from layeratlas.papers.spring_block.figures.words import whole
from layeratlas.papers.spring_block.regimes import REGIMES

#: Moments of the strips, as fractions of the run.
_MOMENTS = (0.01, 0.03, 0.1, 0.3, 0.6, 1.0)
_PAIR = (
    ("a", "lazy: no dropout,\nsteady pull"),
    ("b", "active: dropout 0.28,\nshaken"),
)
#: Height of a chain above its curve, as a fraction of the panel.
_ABOVE = 0.24


@style.styled
def lazy_active(cubes: Cubes, references: References) -> Figure:
    """Load curves of a ReLU network at six moments, each under a chain, without and with noise."""
    figure = style.new_figure(style.PAGE, 4.2)
    grid = figure.subplots(2, len(_MOMENTS), sharex=True, sharey=True, squeeze=False)
    pair = _pair(cubes)
    low, high = _common_range(pair)
    several = False
    for panels, (letter, words) in zip(grid, _PAIR, strict=True):
        network, chain = pair[letter]
        several |= network.sizes["seed"] > 1
        for axes, fraction in zip(panels, _MOMENTS, strict=True):
            epoch = _strip(axes, network, fraction, (low, low + (high - low) / (1 - _ABOVE)))
            step = _strip_chain(axes.inset_axes((0.02, 1 - _ABOVE, 0.98, _ABOVE)), chain, fraction)
            axes.set_title(f"epoch {epoch}\nstep {whole(step)}", fontsize=7)
            few_ticks(axes, "y")
        panels[0].set_ylabel(f"{words}\nseparation $D_l$")
        panels[0].set_title(letter, loc="left", fontweight="bold")
    for axes in grid[-1]:
        axes.set_xlabel("layer $l$")
    settings = chain_settings(cubes["spring_trajectories"])
    style.note(
        figure,
        "Curves: ReLU network, $D_l$ under batch statistics, mean over seeds"
        f"{' ± standard deviation' if several else ''}; dashed: chord. Above each: one chain, the "
        r"first, with $\mu_\to$ = 0.1, $\bar{\epsilon}$ = 0 (a) or 0.3 (b), at the same fraction "
        f"of its run; {parameters_told(settings, tuple(REGIMES[0].chain))}",
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
            (figure.add_axes((0.1 + 0.48 * k, 0.4, 0.38, 0.43)),
             figure.add_axes((0.06 + 0.48 * k, 0.04, 0.43, 0.2)))
            for k in range(2)
        ]  # fmt: skip

    def show(frame: int) -> None:
        for (curve, place), (letter, words) in zip(places, _PAIR, strict=True):
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
    """Regime → the network's curves of all seeds and one chain."""
    networks = moving.networks(cubes, over=None)
    chains = moving.chains(cubes, over=None).isel(seed=0)
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
    here = network.isel(moment=index)
    spread = here.std("seed", ddof=1).values if here.sizes["seed"] > 1 else None
    moving.load_curve(axes, mean_over(here, ["seed"]).values, spread)
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
