"""The chains of the authors' two notebooks, overdamped and with inertia (arXiv 2407.19353).

Both figures show D_l = y − x_l, the distance of block l to the target, beside exact states.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from layeratlas.figures import palette, style
from layeratlas.figures.runs import each_run, mean_and_spread
from layeratlas.figures.ticks import few_ticks
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.chain_cubes import chain_curves, chain_settings
from layeratlas.papers.spring_block.figures.chain_words import parameters_told
from layeratlas.papers.spring_block.figures.layers import layer_bar, layer_colours
from layeratlas.papers.spring_block.figures.words import signed
from layeratlas.papers.spring_block.theory import noise_free_state, stationary_state

_THEORY = palette.BLUE
_DIMS = ("noise_strength", "seed", "step", "layer")


@style.styled
def first_order_chain(cubes: Cubes, references: References) -> Figure:
    """Final profile and motion of the overdamped chain: chains, their mean, and theory."""
    cube = cubes["first_order_chain"]
    D = chain_curves(cube, over=None, keep_epochs=True).transpose(*_DIMS)
    noisy = D.isel(noise_strength=-1)
    chain = chain_settings(cube)
    length, y = chain["length"], chain["target"]
    colours = layer_colours(length + 1)
    layers = np.arange(length + 1)
    figure = style.new_figure(style.PAGE, 2.9)
    profile, motion = figure.subplots(1, 2, width_ratios=(1, 1.35))

    final = noisy.isel(step=-1)
    each_run(profile, final, "layer", color="0.75", lw=0.4, zorder=1)
    stationary = stationary_state(
        length, chain["friction_right"], chain["friction_left"], chain["stiffness"], y
    )
    profile.plot(layers, y - stationary[:-1], color=_THEORY, lw=1.0, zorder=2, label="theory")
    mean_and_spread(
        profile, final, "layer", color=style.CURVE, marker="o", ms=3.5, lw=0.8, zorder=4,
        label=rf"$\bar{{\epsilon}}$ = {float(noisy['noise_strength']):g}",
    )  # fmt: skip
    if float(D["noise_strength"].values[0]) == 0:
        exact = noise_free_state(length, chain["friction_right"], chain["stiffness"], y)
        quiet = D.isel(noise_strength=0, seed=0, step=-1)
        profile.plot(layers, y - exact[:-1], color=_THEORY, lw=1.0, zorder=2)
        profile.plot(
            layers, quiet, "s", ms=3.2, color="0.35", zorder=3, label=r"$\bar{\epsilon}$ = 0"
        )
    profile.set(xlabel="block $l$", ylabel=r"distance to the target $y-x_l$", xticks=layers)
    profile.set_title("a", loc="left", fontweight="bold")
    profile.set_title("at the end")
    profile.legend(loc="lower left")

    steps = D["step"].values
    _motion(motion, steps, noisy, colours)
    motion.set(xlabel="step", ylabel=r"distance to the target $y-x_l$", xlim=(0, steps[-1]))
    motion.set_title("b", loc="left", fontweight="bold")
    motion.set_title("over time")
    layer_bar(figure, motion, length + 1, "block $l$")
    for axes in (profile, motion):
        axes.spines[["top", "right"]].set_visible(False)
    style.note(
        figure,
        f"First-order chain. {parameters_told(chain, ('noise_strength',))} "
        "a, red: mean ± standard deviation; grey: each chain; blue: exact stationary state with "
        "noise, exact final state without. b: mean (thick) ± standard deviation (band), one chain "
        "(thin).",
    )
    return figure


def _motion(axes: Axes, moments: np.ndarray, runs: xr.DataArray, colours: np.ndarray) -> None:
    """Of each block the mean over chains with its standard deviation, and the first chain."""
    mean, spread = runs.mean("seed"), runs.std("seed", ddof=1 if runs.sizes["seed"] > 1 else 0)
    for layer, colour in enumerate(colours):
        middle, width = mean.isel(layer=layer).values, spread.isel(layer=layer).values
        axes.fill_between(
            moments, middle - width, middle + width, color=colour, alpha=0.3, lw=0,
            gid=f"spread:{layer}",
        )  # fmt: skip
        axes.plot(moments, runs.isel(seed=0, layer=layer), color=colour, lw=0.5, alpha=0.6)
        axes.plot(moments, middle, color=colour, lw=1.3, gid=f"mean:{layer}")


@style.styled
def second_order_chain(cubes: Cubes, references: References) -> Figure:
    """Motion, velocity and final profile under common and under independent noise."""
    figure = style.new_figure(style.PAGE, 4.8)
    grid = figure.subplots(2, 3, width_ratios=(1.15, 1.15, 1), sharex="col", sharey="col")
    rows = (("second_order_chain_common", "common noise"),
            ("second_order_chain_independent", "independent noise"))  # fmt: skip
    apart = _APART * max(_late_velocity(cubes[experiment]) for experiment, _ in rows) or 1.0
    for (experiment, words), panels in zip(rows, grid, strict=True):
        _second_order_row(panels, cubes[experiment], words, apart)
    for letter, axes in zip("abcdef", grid.flat, strict=True):
        axes.set_title(letter, loc="left", fontweight="bold")
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelbottom=True)
    cube = cubes["second_order_chain_common"]
    chain = chain_settings(cube)
    for axes, name in zip(grid[1], ("time $t$", "time $t$", "block $l$"), strict=True):
        axes.set_xlabel(name)
    handles, labels = grid[0, 2].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=3)
    layer_bar(figure, grid, chain["length"] + 1, "block $l$")
    style.note(
        figure,
        "Second-order chain, Euler–Maruyama. a, d: mean over chains (thick) ± standard deviation "
        "(band) and one chain (thin). b, e: velocities, those of each block about a line of its "
        "own, mean (thick) and one chain (thin). Common noise: every block gets the sum of all "
        "blocks' noises, as in the authors' notebook; independent: its own. c, f: mean ± standard "
        "deviation over chains; blue: stationary parabola of strong noise; CI: convexity index of "
        "the mean ± standard deviation of the chains'. "
        f"{parameters_told(chain, ('noise_strength',))}",
    )
    return figure


def _second_order_row(panels: Sequence[Axes], cube: xr.DataTree, words: str, apart: float) -> None:
    distance, velocity, profile = panels
    chain = chain_settings(cube)
    length, y = chain["length"], chain["target"]
    layers, colours = np.arange(length + 1), layer_colours(length + 1)
    D, v = (
        chain_curves(cube, name, over=None, keep_epochs=True).transpose(*_DIMS)
        for name in ("spring_separation", "spring_velocity")
    )
    time = D["step"].values * chain["step_size"]
    _motion(distance, time, D.isel(noise_strength=-1), colours)
    _velocities(velocity, time, v.isel(noise_strength=-1), colours, apart)
    for axes in (distance, velocity):
        axes.set_xlim(0, time[-1])
        few_ticks(axes, "x")
    few_ticks(distance, "y")
    distance.set_ylabel(f"{words}\ndistance to the target $y-x_l$")
    final = D.isel(step=-1)
    noise = final["noise_strength"].values
    parabola = stationary_state(
        length, chain["friction_right"], chain["friction_left"], chain["stiffness"], y
    )
    profile.plot(layers, y - parabola[:-1], color=_THEORY, lw=1.0, zorder=2, label="parabola")
    shaken = final.isel(noise_strength=-1)
    ci = float(load_curves.convexity_index(shaken.mean("seed")))
    apart = float(load_curves.convexity_index(shaken).std("seed", ddof=1))
    spread = f"\u00a0±\u00a0{apart:.3f}" if np.isfinite(apart) else ""
    mean_and_spread(
        profile, shaken, "layer", color=style.CURVE, marker="o", ms=3.2, lw=0.8, zorder=4,
        label=rf"$\epsilon$ = {noise[-1]:g}",
    )  # fmt: skip
    if noise[0] == 0:
        profile.plot(
            layers, final.isel(noise_strength=0, seed=0), "s-", ms=3, lw=0.6, color="0.35",
            zorder=3, label=r"$\epsilon$ = 0",
        )  # fmt: skip
    profile.set(ylabel=r"$y-x_l$ at the end", xticks=layers)
    profile.set_title(f"CI {signed(ci, '+.3f')}{spread}", loc="right", fontsize=7)


#: Distance of the lines of two blocks, in largest velocities after the first pull.
_APART = 1.3


def _late_velocity(cube: xr.DataTree) -> float:
    """The largest |v_l| of the first chain with noise, after a tenth of the run.

    The first pull is many times what the noise does later.
    """
    v = chain_curves(cube, "spring_velocity", over=None, keep_epochs=True).transpose(*_DIMS)
    steps = v["step"].values
    later = abs(v.isel(noise_strength=-1, seed=0, step=steps > 0.1 * steps[-1]))
    return float(later.max().fillna(0.0))


def _velocities(
    axes: Axes, time: np.ndarray, v: xr.DataArray, colours: np.ndarray, apart: float
) -> None:
    """v_l(t) of each block about a line of its own, so that none hides another.

    Blocks 1 … L from below, their lines `apart`; a bar says how long a velocity is.
    """
    one, mean = v.isel(seed=0, layer=slice(1, None)), v.mean("seed").isel(layer=slice(1, None))
    for place, colour in enumerate(colours[1:]):
        level = (place + 1) * apart
        axes.plot(time, level + one.isel(layer=place), color=colour, lw=0.5, alpha=0.6)
        axes.plot(
            time, level + mean.isel(layer=place), color=colour, lw=1.0, gid=f"velocity:{place + 1}"
        )
    count = len(colours) - 1
    axes.set_yticks(apart * np.arange(1, count + 1), [str(k + 1) for k in range(count)])
    axes.set_ylabel("velocity $v_l$ of block $l$")
    length = float(f"{apart:.0e}")
    axes.errorbar(
        0.97 * time[-1], (count + 1.6) * apart, yerr=length / 2, color="0.2", lw=1.0, capsize=2,
        gid="guide: bar",
    )  # fmt: skip
    axes.annotate(
        f"{length:g}", (0.93 * time[-1], (count + 1.6) * apart), ha="right", va="center",
        fontsize=style.SMALLEST,
    )  # fmt: skip
