"""Networks in training beside springs in motion (Shi, Pan and Dokmanić, arXiv 2407.19353).

Networks are measured under batch statistics of batch norm: then D_0 stays constant, as the wall
of the chain does. Curves are means over seeds.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from layeratlas.errors import LayerAtlasError
from layeratlas.figures import style
from layeratlas.figures.animation import Animation
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.figures import mechanics, springs

MODE = "batch_statistics"
#: Regime → (negative slope, dropout) of the network, (μ→, ε̄) of the chain.
REGIMES = {
    "a": ((0.0, 0.0), (0.10, 0.0)),
    "b": ((0.0, 0.28), (0.10, 0.3)),
    "c": ((0.8, 0.0), (0.02, 0.0)),
    "d": ((0.8, 0.28), (0.02, 0.3)),
}
NETWORK_AXES = ("negative_slope", "dropout")
_SPRING_AXES = ("friction_right", "noise_strength")
#: Moments of the strips, as fractions of the run.
_MOMENTS = (0.01, 0.03, 0.1, 0.3, 0.6, 1.0)

Cubes = Mapping[str, xr.DataTree]
References = Mapping[str, Path]


def _networks(cubes: Cubes) -> xr.DataArray:
    curves = load_curves.load_curve(
        cubes["network_trajectories"], batch_norm_mode=MODE, keep_epochs=True
    )
    return curves.rename(epoch="moment").astype(float).compute()


def _chains(cubes: Cubes, **choice) -> xr.DataArray:
    curves = load_curves.load_curve(
        cubes["spring_trajectories"], variable="spring_separation", keep_epochs=True, **choice
    )
    return curves.rename(step="moment").astype(float).compute()


def regime(curves: xr.DataArray, axes: tuple[str, str], values: tuple[float, float]):
    """(moment, layer) at one corner; LayerAtlasError where the grid does not have it."""
    for axis, value in zip(axes, values, strict=True):
        if axis not in curves.dims or not np.isclose(curves[axis].values, value).any():
            raise LayerAtlasError(
                f"the trajectories need {axis} {value:g}; the grid has "
                f"{list(curves[axis].values) if axis in curves.dims else 'no such axis'}"
            )
    where = dict(zip(axes, values, strict=True))
    return curves.sel(where, method="nearest").squeeze(drop=True).transpose("moment", "layer")


# ---------------------------------------------------------------------------------------------
# Eight panels
# ---------------------------------------------------------------------------------------------


@style.styled
def trajectories(cubes: Cubes, references: References) -> Figure:
    """D_l against epoch (left) and y − x_l against step (right), in four regimes.

    Beside each panel, on the same scale, the final load curve with its chord.
    """
    networks, chains = _networks(cubes), _chains(cubes)
    figure = style.new_figure(style.PAGE, 7.6)
    grid = figure.subplots(4, 4, width_ratios=(1.7, 1, 1.7, 1), sharex="col")
    for row, (letter, (of_network, of_springs)) in enumerate(REGIMES.items()):
        slope, dropout = of_network
        friction, noise = of_springs
        network = regime(networks, NETWORK_AXES, of_network)
        chain = regime(chains, _SPRING_AXES, of_springs)
        _history(grid[row, 0], network, r"separation $D_l$")
        _final(grid[row, 1], network)
        _history(grid[row, 2], chain, r"distance $y-x_l$")
        _final(grid[row, 3], chain)
        words = (
            rf"$\alpha$ = {slope:g}, dropout {dropout:g}",
            rf"$\mu_\to$ = {friction:.2f}, $\bar{{\epsilon}}$ = {noise:g}",
        )
        for column, text in enumerate(words):
            axes = grid[row, 2 * column]
            axes.set_title(f"{letter}{column + 1}", loc="left", fontweight="bold")
            axes.set_title(text, loc="right")
    for axes, kind in zip(grid[0, ::2], ("Networks in training", "Springs"), strict=True):
        axes.annotate(kind, (0, 1.2), xycoords="axes fraction", fontsize=9)
    for axes, name in zip(grid[-1], ("epoch", "layer $l$", "step", "block $l$"), strict=True):
        axes.set_xlabel(name)
    springs.layer_bar(figure, grid, networks.sizes["layer"], "layer or block $l$", aspect=70)
    cube, other = cubes["network_trajectories"], cubes["spring_trajectories"]
    chain = springs.chain_settings(other)
    style.note(
        figure,
        r"Left: $D_l=\ln(\mathrm{tr}\,\Sigma_w/\mathrm{tr}\,\Sigma_b)$ of the training set, batch "
        "norm with batch statistics, dropout off; "
        f"mean over n = {cube['/'].sizes['seed']} networks ({cube.attrs.get('n_train', '?')} "
        f"images, {cube.attrs.get('dataset_source', '?')}; preset {cube.attrs.get('preset')}). "
        f"Right: mean over n = {other['/'].sizes['seed']} chains, "
        f"{springs.parameters_told(chain, _SPRING_AXES)} Narrow panels: the load curve at the "
        f"end and its chord.{springs.lost_told(cube)}{springs.lost_told(other)}",
    )
    return figure


def _history(axes: Axes, curves: xr.DataArray, label: str) -> None:
    moments, values = curves["moment"].values, curves.values
    for layer, colour in enumerate(springs.layer_colours(values.shape[1])):
        axes.plot(moments, values[:, layer], color=colour, lw=1.2, gid=f"layer:{layer}")
    axes.set(xlim=(0, moments[-1]), ylim=_range(curves), ylabel=label)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelbottom=True)


def _final(axes: Axes, curves: xr.DataArray) -> None:
    """The load curve at the end on the scale of the history to its left."""
    final = curves.isel(moment=-1)
    _load_curve(axes, final.values)
    axes.set_ylim(_range(curves))
    axes.tick_params(labelbottom=True, labelleft=False)
    axes.spines[["top", "right"]].set_visible(False)
    ci = float(load_curves.convexity_index(final))
    axes.set_title(f"CI {ci:+.2f}".replace("-", "−"), loc="right", fontsize=7)


def _range(curves: xr.DataArray) -> tuple[float, float]:
    """The span of all moments and layers, with room for markers."""
    finite = curves.values[np.isfinite(curves.values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    margin = 0.07 * (high - low or 1.0)
    return low - margin, high + margin


def _load_curve(axes: Axes, values: np.ndarray) -> None:
    layers = np.arange(len(values))
    axes.plot(layers[[0, -1]], values[[0, -1]], color="0.6", lw=0.7, ls=(0, (4, 2)), zorder=1)
    axes.plot(layers, values, color=style.CURVE, lw=1.2, zorder=2, gid="load curve")
    axes.scatter(layers, values, c=springs.layer_colours(len(values)), s=14, zorder=3,
                 edgecolors="white", linewidths=0.4)  # fmt: skip
    axes.set_xticks(layers if len(layers) < 10 else layers[:: len(layers) // 5])


# ---------------------------------------------------------------------------------------------
# Lazy and active
# ---------------------------------------------------------------------------------------------

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
            place.set_title(f"step {step:,}".replace(",", "\u2009"), fontsize=6.5)
            if column:
                curve.tick_params(labelleft=False)
        grid[2 * row, 0].set_ylabel(f"{words}\n$D_l$")
        grid[2 * row + 1, 0].set_ylabel(
            pull, fontsize=6.5, rotation=0, ha="right", va="center", labelpad=3
        )
        grid[2 * row, 0].annotate(
            "ab"[row], (-0.62, 1.08), xycoords="axes fraction", fontweight="bold", fontsize=8
        )
    cube, other = cubes["network_trajectories"], cubes["spring_trajectories"]
    chain = springs.chain_settings(other)
    style.note(
        figure,
        "Curves: ReLU network, $D_l$ under batch statistics against layer with its chord, mean "
        f"over n = {cube['/'].sizes['seed']} networks (preset {cube.attrs.get('preset')}). Chains: "
        r"one chain each, $\mu_\to$ = 0.1, $\bar{\epsilon}$ = 0 and 0.3, at the same fraction of "
        f"its run; {springs.parameters_told(chain, _SPRING_AXES)}",
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
    """Regime → the network's mean curves and one chain; a mean chain would not shake."""
    networks, chains = _networks(cubes), _chains(cubes, over=None).isel(seed=0)
    return {
        letter: (
            regime(networks, NETWORK_AXES, REGIMES[letter][0]),
            regime(chains, _SPRING_AXES, REGIMES[letter][1]),
        )
        for letter in "ab"
    }


def _common_range(pair: Mapping[str, tuple[xr.DataArray, xr.DataArray]]) -> tuple[float, float]:
    """One scale for both networks, so that their strips can be compared."""
    ranges = [_range(network) for network, _ in pair.values()]
    return min(low for low, _ in ranges), max(high for _, high in ranges)


def _at(curves: xr.DataArray, fraction: float) -> int:
    """The recorded moment nearest to a fraction of the run."""
    moments = curves["moment"].values
    return int(np.argmin(abs(moments - fraction * moments[-1])))


def _strip(axes: Axes, network: xr.DataArray, fraction: float, limits: tuple[float, float]) -> int:
    index = _at(network, fraction)
    _load_curve(axes, network.values[index])
    axes.set_ylim(limits)
    axes.spines[["top", "right"]].set_visible(False)
    return int(network["moment"].values[index])


def _strip_chain(axes: Axes, chain: xr.DataArray, fraction: float) -> int:
    index = _at(chain, fraction)
    distance = chain.values[index]
    colours = springs.layer_colours(len(distance))
    if np.isfinite(distance).all():
        mechanics.chain(axes, distance[0] - distance[1:], float(distance[0]), colours[1:])
    axes.set(ylim=(-0.75, 0.75), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    return int(chain["moment"].values[index])
