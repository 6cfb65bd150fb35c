"""A computed stand-in for the paper's photographs of a folding ruler (arXiv 2407.19353)."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from layeratlas.figures import style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block.chain_cubes import chain_curves, chain_settings
from layeratlas.papers.spring_block.figures import mechanics
from layeratlas.papers.spring_block.figures.chain_words import parameters_told
from layeratlas.papers.spring_block.figures.layers import layer_bar, layer_colours
from layeratlas.papers.spring_block.figures.words import whole

#: Fractions of the run shown; the photographs are four as well.
_PHOTOGRAPHS = (0.01, 0.05, 0.2, 1.0)


@style.styled
def folding_ruler(cubes: Cubes, references: References) -> Figure:
    """A chain as a folding ruler at four times, steadily pulled and shaken (one chain each).

    Segment l of the ruler has fixed length; its horizontal extent is the elongation d_l. The
    last spring, from block L to the target, is the pull.
    """
    cube = cubes["folding_ruler"]
    D = chain_curves(cube, over=None, keep_epochs=True).isel(seed=0)
    D = D.transpose("noise_strength", "step", "layer")
    steps = D["step"].values
    shown = [int(steps[np.argmin(abs(steps - f * steps[-1]))]) for f in _PHOTOGRAPHS]
    chain = chain_settings(cube)
    y = chain["target"]
    x = y - D.sel(step=shown).values
    colours = layer_colours(x.shape[-1] - 1)
    stick = 1.02 * np.diff(x, axis=-1).max()
    noises = D["noise_strength"].values
    figure = style.new_figure(style.PAGE, 2.9)
    grid = figure.subplots(len(noises), len(shown), sharex=True, sharey=True, squeeze=False)
    words = ("steady pulling", "jerky pulling")
    for row, (panels, noise) in enumerate(zip(grid, noises, strict=True)):
        for column, (axes, step) in enumerate(zip(panels, shown, strict=True)):
            _ruler(axes, x[row, column], y, stick, colours, gid=f"ruler:{noise:g}:{step}")
            if row == 0:
                axes.set_title(f"step {whole(step)}")
        panels[0].set_ylabel(f"{words[min(row, 1)]}\n" + rf"$\bar{{\epsilon}}$ = {noise:g}")
        panels[0].annotate(
            "ab"[min(row, 1)], (-0.16, 1.02), xycoords="axes fraction", fontweight="bold",
            fontsize=8,
        )  # fmt: skip
    for axes in grid[-1]:
        axes.set_xlabel("position $x$")
    layer_bar(figure, grid, x.shape[-1] - 1, "segment $l$", first=1)
    style.note(
        figure,
        "Computed stand-in for the paper's photographs: a chain drawn as a folding ruler, the "
        "first chain of each row. Each segment opens by the elongation of its spring; ring: the "
        "wall, arrow: the pull toward the target (dotted). "
        f"{parameters_told(chain, ('noise_strength',))}",
    )
    return figure


def _ruler(
    axes: Axes, x: np.ndarray, target: float, stick: float, colours: np.ndarray, gid: str
) -> None:
    """Hinges at x_0 … x_L; segments of length `stick` alternate up and down."""
    extent = np.diff(x)
    # A rigid segment cannot cross itself: a block pushed back is drawn folded.
    rise = np.sqrt(np.maximum(stick**2 - extent**2, 0.0))
    height = np.concatenate([[0.0], np.cumsum(rise * np.resize([1, -1], len(rise)))])
    for i in range(len(extent)):
        axes.plot(
            x[i : i + 2], height[i : i + 2], color=colours[i], lw=2.4, solid_capstyle="round",
            zorder=2, gid=f"{gid}:{i + 1}",
        )  # fmt: skip
    axes.plot(x[1:], height[1:], "o", ms=1.6, color="0.15", mec="white", mew=0.2, zorder=3)
    axes.plot(x[0], height[0], "o", ms=4, color=mechanics.EDGE, mfc="white", mew=0.9, zorder=4)
    axes.axvline(target, color="0.45", lw=0.8, ls=":")
    tip = (float(x[-1]), float(height[-1]))
    mechanics.arrow(axes, tip, (target, tip[1]), lw=0.8, mutation_scale=6, color="0.45")
    axes.set(xlim=(-0.08, 1.06 * target), xticks=[0, target], xticklabels=["0", "$y$"], yticks=[])
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.margins(y=0.15)
