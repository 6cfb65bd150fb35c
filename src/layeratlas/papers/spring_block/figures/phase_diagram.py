"""The noise–nonlinearity phase diagram, as published and in another measure.

C. Shi, L. Pan and I. Dokmanić, *Spring-block theory of feature learning in deep neural networks*,
arXiv 2407.19353; Phys. Rev. Lett. 2025, doi 10.1103/ys4n-2tj3.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from layeratlas.cubes import selecting
from layeratlas.cubes.population import seeds
from layeratlas.figures import cells, style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.figures.panel_words import told_by_letter
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
    return _diagram(
        cubes, "data_separation", r"$D_l=\ln(\mathrm{tr}\,\Sigma_w/\mathrm{tr}\,\Sigma_b)$"
    )


@style.styled
def phase_diagram_he_su(cubes: Cubes, references: References) -> Figure:
    """`phase_diagram` with the pseudo-inverse measure of He and Su instead of the trace ratio."""
    return _diagram(
        cubes, "data_separation_pseudoinverse", r"$D_l=\ln\,\mathrm{tr}(\Sigma_w\Sigma_b^+)$"
    )


def _diagram(cubes: Cubes, variable: str, formula: str) -> Figure:
    figure = style.new_figure(style.PAGE, 5.5)
    spreads = {}
    for axes, panel in zip(figure.subplots(2, 2).flat, PANELS, strict=True):
        cube = cubes[panel.experiment]
        _panel(axes, cube, variable)
        axes.set_title(panel.title)
        axes.set_title(panel.letter, loc="left", fontweight="bold")
        spreads[panel.letter] = _seed_spread(cube, variable)
    style.note(
        figure,
        f"Red: {formula} against layer, mean over seeds, each cell on its own scale; "
        f"grey: mean test accuracy.{_spreads(spreads)}"
        f"{gaps_told(*cubes.values(), gaps='Hatched where no seed is left')}",
    )
    return figure


def _panel(axes: Axes, cube: xr.DataTree, variable: str) -> None:
    """One panel; cell (column i, row j) is the unit square centred on (i, j)."""
    noise = noise_axis(cube)
    curves = diagram(load_curves.load_curve(cube, variable=variable))
    accuracy = diagram(selecting.mean_accuracy(cube), noisiest_first=True)
    shade = accuracy.transpose("negative_slope", noise)
    finished = diagram(load_curves.runs_behind(cube, variable=variable))

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
            cells.curve(axes, curve, i, j, name)
            cells.finished(axes, int(finished.sel(here)), seeds(cube), i, j, name)

    cells.frame(axes, column_labels, slope_labels)
    axes.set_xlabel(f"more noise  ←  {style.axis_label(noise)}  →  less noise")
    axes.set_ylabel(f"linear  ←  {style.axis_label('negative_slope')}  →  ReLU")

    bar = axes.figure.colorbar(image, ax=axes, fraction=0.05, pad=0.02, aspect=30)
    bar.set_ticks([low, high], labels=[f"{low:.1f}", f"{high:.1f}"])
    bar.set_label("test accuracy (%)", labelpad=-8)
    bar.outline.set_linewidth(0.6)
    bar.ax.tick_params(length=0)


def _seed_spread(cube: xr.DataTree, variable: str) -> str | None:
    """Median over the cells of the standard deviation over seeds of the index."""
    single = load_curves.convexity_index(load_curves.load_curve(cube, variable=variable, over=None))
    if single.sizes["seed"] < 2:
        return None
    spread = single.std("seed", ddof=1).values
    values = spread[np.isfinite(spread)]
    return f"{np.median(values):.3f}" if values.size else None


def _spreads(spreads: Mapping[str, str | None]) -> str:
    shown = told_by_letter({letter: spread for letter, spread in spreads.items() if spread})
    if not shown:
        return ""
    return (
        " Spread of the convexity index over seeds (median of the cells' standard deviations): "
        f"{shown}."
    )
