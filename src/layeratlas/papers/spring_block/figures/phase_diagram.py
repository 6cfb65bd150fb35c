"""The noise–nonlinearity phase diagram, as published and in another measure.

C. Shi, L. Pan and I. Dokmanić, *Spring-block theory of feature learning in deep neural networks*,
arXiv 2407.19353; Phys. Rev. Lett. 2025, doi 10.1103/ys4n-2tj3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from layeratlas.cubes import selecting
from layeratlas.cubes.population import seeds
from layeratlas.figures import cells, style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.figures.panel_words import spread_told, told_by_letter
from layeratlas.papers.spring_block.figures.words import gaps_told
from layeratlas.papers.spring_block.layout import diagram
from layeratlas.papers.spring_block.noise import noise_axis
from layeratlas.papers.spring_block.panels import PANELS


@style.styled
def phase_diagram(cubes: Cubes, references: References) -> Figure:
    """The published figure: four panels of load curves over noise and nonlinearity.

    Rows are negative slopes, ReLU (α = 0) at the top; columns grow less stochastic to the right.
    In each cell the load curve of the seed mean, rescaled to the cell's own height; behind it the
    seed-mean test accuracy, black to white over the panel's own range.
    """
    figure, told = _diagram(
        cubes, "data_separation", r"$D_l=\ln(\mathrm{tr}\,\Sigma_w/\mathrm{tr}\,\Sigma_b)$"
    )
    missing = gaps_told(*cubes.values(), gaps="Hatched where no seed is left")
    style.note(figure, f"{told}{missing}")
    return figure


@style.styled
def phase_diagram_he_su(cubes: Cubes, references: References) -> Figure:
    """`phase_diagram` with the pseudo-inverse measure of He and Su instead of the trace ratio.

    The pseudo-inverse is ill-conditioned toward linear networks and strong noise. A curve that
    rises anywhere by more than `_RISE` of its range is dashed: convexity says little of it.
    """
    figure, told = _diagram(
        cubes,
        "data_separation_pseudoinverse",
        r"$D_l=\ln\,\mathrm{tr}(\Sigma_w\Sigma_b^+)$",
        dashed=True,
    )
    drawn = [line for axes in figure.axes for line in axes.lines if line.get_linestyle() == "--"]
    hatched = [patch for axes in figure.axes for patch in axes.patches if patch.get_hatch()]
    ill = (
        f" Dashed, {_count(drawn)}: not monotone, as the pseudo-inverse of an ill-conditioned "
        r"$\Sigma_b$ makes it toward $\alpha$ = 1 and strong noise; its convexity says little."
        if drawn
        else ""
    )
    missing = (
        f" Hatched, {_count(hatched)}: no seed is left, or the measure is not finite."
        if hatched
        else ""
    )
    style.note(figure, f"{told}{ill}{missing}")
    return figure


def _count(cells: Sequence[object]) -> str:
    return f"{len(cells)} cell{'' if len(cells) == 1 else 's'}"


#: Of the range of its curve, what a rise from one layer to the next must exceed to be one.
_RISE = 0.02


def _diagram(
    cubes: Cubes, variable: str, formula: str, *, dashed: bool = False
) -> tuple[Figure, str]:
    """The four panels, and what the note says of all of them."""
    figure = style.new_figure(style.PAGE, 5.5)
    shapes: dict[str, str] = {}
    accuracies: dict[str, str] = {}
    for axes, panel in zip(figure.subplots(2, 2).flat, PANELS, strict=True):
        cube = cubes[panel.experiment]
        runs = diagram(load_curves.load_curve(cube, variable=variable, over=None))
        accuracy = diagram(selecting.accuracy(cube))
        _panel(axes, cube, variable, runs, dashed)
        axes.set_title(panel.title)
        axes.set_title(panel.letter, loc="left", fontweight="bold")
        shapes[panel.letter] = spread_told(load_curves.convexity_index(runs))
        accuracies[panel.letter] = spread_told(accuracy, 1)
    told = (
        f"Red: {formula} against layer, mean over seeds, each cell on its own scale"
        f"{'; band: ± standard deviation of the rescaled curves' if any(shapes.values()) else ''}. "
        "Grey: mean test accuracy, black to white over each panel's own range."
        f"{_spreads(shapes, accuracies)}"
    )
    return figure, told


def _panel(axes: Axes, cube: xr.DataTree, variable: str, runs: xr.DataArray, dashed: bool) -> None:
    """One panel; cell (column i, row j) is the unit square centred on (i, j)."""
    noise = noise_axis(cube)
    curves = diagram(load_curves.load_curve(cube, variable=variable))
    accuracy = diagram(selecting.mean_accuracy(cube), noisiest_first=True)
    shade = accuracy.transpose("negative_slope", noise)
    finished = diagram(load_curves.runs_behind(cube, variable=variable))
    spread = None
    if runs.sizes["seed"] > 1:
        spread = load_curves.range_normalised(runs).std("seed", ddof=1)

    low, high = cells.limits(shade.values)
    image = cells.shade(axes, shade.values, cmap="gray", vmin=low, vmax=high)
    slopes, columns = shade["negative_slope"].values, shade[noise].values
    slope_labels = style.tick_labels("negative_slope", slopes)
    column_labels = style.tick_labels(noise, columns)
    for j, slope in enumerate(slopes):
        for i, value in enumerate(columns):
            here = {"negative_slope": slope, noise: value}
            name = f"{noise}={column_labels[i]},negative_slope={slope_labels[j]}"
            curve = load_curves.range_normalised(curves.sel(here)).values
            ill = dashed and bool((np.diff(curve) > _RISE).any())
            cells.curve(
                axes,
                curve,
                i,
                j,
                name,
                spread=None if spread is None else spread.sel(here).values,
                ls="--" if ill else "-",
            )
            cells.finished(axes, int(finished.sel(here)), seeds(cube), i, j, name)

    cells.frame(axes, column_labels, slope_labels)
    axes.set_xlabel(f"more noise  ←  {style.axis_label(noise)}  →  less noise")
    axes.set_ylabel(f"linear  ←  {style.axis_label('negative_slope')}  →  ReLU")

    bar = axes.figure.colorbar(image, ax=axes, fraction=0.05, pad=0.02, aspect=30)
    ticks = np.linspace(low, high, 3).tolist()
    bar.set_ticks(ticks, labels=[f"{tick:.1f}" for tick in ticks])
    bar.set_label("test accuracy (%), own scale")
    bar.outline.set_linewidth(0.6)
    bar.ax.tick_params(length=0)


def _spreads(shapes: Mapping[str, str], accuracies: Mapping[str, str]) -> str:
    """One sentence; "" where no cell has two seeds."""
    index, accuracy = (
        told_by_letter({letter: spread for letter, spread in spreads.items() if spread})
        for spreads in (shapes, accuracies)
    )
    if not index:
        return ""
    return (
        " Standard deviation over seeds, median cell (worst cell): convexity index "
        f"{index}; accuracy (%) {accuracy}."
    )
