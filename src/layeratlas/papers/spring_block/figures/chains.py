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
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.chain_cubes import chain_curves, chain_settings
from layeratlas.papers.spring_block.figures.chain_words import chains_told, parameters_told
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
    each_run(profile, final, "layer", color="0.8", lw=0.4, zorder=1)
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
    for layer in layers:
        motion.plot(
            steps, noisy.isel(seed=0, layer=layer), color=colours[layer], lw=0.5, alpha=0.45
        )
        motion.plot(
            steps, noisy.mean("seed").isel(layer=layer), color=colours[layer], lw=1.3,
            gid=f"mean:{layer}",
        )  # fmt: skip
    motion.set(xlabel="step", ylabel=r"distance to the target $y-x_l$", xlim=(0, steps[-1]))
    motion.set_title("b", loc="left", fontweight="bold")
    motion.set_title("over time: mean (thick) and one chain (thin)")
    layer_bar(figure, motion, length + 1, "block $l$")
    for axes in (profile, motion):
        axes.spines[["top", "right"]].set_visible(False)
    style.note(
        figure,
        f"First-order chain. {chains_told(cube)} {parameters_told(chain, ('noise_strength',))} "
        "Red: mean ± standard deviation; grey: each chain; blue: exact stationary state with "
        "noise, exact final state without.",
    )
    return figure


@style.styled
def second_order_chain(cubes: Cubes, references: References) -> Figure:
    """Motion, velocity and final profile under common and under independent noise."""
    figure = style.new_figure(style.PAGE, 4.4)
    grid = figure.subplots(2, 3, width_ratios=(1.15, 1.15, 1), sharex="col", sharey="col")
    rows = (("second_order_chain_common", "common noise"),
            ("second_order_chain_independent", "independent noise"))  # fmt: skip
    for (experiment, words), panels in zip(rows, grid, strict=True):
        _second_order_row(panels, cubes[experiment], words)
    for letter, axes in zip("abcdef", grid.flat, strict=True):
        axes.set_title(letter, loc="left", fontweight="bold")
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelbottom=True)
    cube = cubes["second_order_chain_common"]
    chain = chain_settings(cube)
    for axes, name in zip(grid[1], ("time $t$", "time $t$", "block $l$"), strict=True):
        axes.set_xlabel(name)
    grid[0, 2].legend(loc="lower left", borderaxespad=0.2)
    layer_bar(figure, grid, chain["length"] + 1, "block $l$")
    style.note(
        figure,
        "Second-order chain, Euler–Maruyama. Left and middle: mean over chains (thick) and one "
        "chain (thin). Common: every block gets the sum of all blocks' noises, as in the authors' "
        "notebook; independent: its own. Right: mean ± standard deviation over chains; blue: "
        "stationary parabola of strong noise. "
        f"{chains_told(cube)} {parameters_told(chain, ('noise_strength',))}",
    )
    return figure


def _second_order_row(panels: Sequence[Axes], cube: xr.DataTree, words: str) -> None:
    distance, velocity, profile = panels
    chain = chain_settings(cube)
    length, y = chain["length"], chain["target"]
    layers, colours = np.arange(length + 1), layer_colours(length + 1)
    D, v = (
        chain_curves(cube, name, over=None, keep_epochs=True).transpose(*_DIMS)
        for name in ("spring_separation", "spring_velocity")
    )
    time = D["step"].values * chain["step_size"]
    for axes, values in ((distance, D), (velocity, v)):
        noisy = values.isel(noise_strength=-1)
        for layer in layers[1:] if axes is velocity else layers:
            axes.plot(
                time, noisy.isel(seed=0, layer=layer), color=colours[layer], lw=0.4, alpha=0.5
            )
            axes.plot(time, noisy.mean("seed").isel(layer=layer), color=colours[layer], lw=1.2)
        axes.set_xlim(0, time[-1])
    distance.set_ylabel(r"distance to the target $y-x_l$")
    velocity.set_ylabel(r"velocity $v_l$")
    # The first pull is many times what the noise does later, and would hide it.
    peak = float(v.isel(noise_strength=-1).mean("seed").max())
    if np.isfinite(peak):
        velocity.set_ylim(-0.2 * peak, 0.35 * peak)
        velocity.annotate(
            f"first pull: mean $v_{length}$ up to {peak:.3f}", (0.97, 0.95),
            xycoords="axes fraction", ha="right", va="top", fontsize=6, color="0.25",
        )  # fmt: skip
    distance.set_title(words)
    final = D.isel(step=-1)
    noise = final["noise_strength"].values
    parabola = stationary_state(
        length, chain["friction_right"], chain["friction_left"], chain["stiffness"], y
    )
    profile.plot(layers, y - parabola[:-1], color=_THEORY, lw=1.0, zorder=2, label="parabola")
    shaken = final.isel(noise_strength=-1)
    ci = float(load_curves.convexity_index(shaken.mean("seed")))
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
    profile.set_title(f"CI = {signed(ci, '+.3f')}")
