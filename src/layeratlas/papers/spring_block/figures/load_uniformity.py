"""Load uniformity and generalisation (Shi, Pan and Dokmanić, arXiv 2407.19353)."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from layeratlas.cubes import selecting
from layeratlas.cubes.statistics import spearman
from layeratlas.figures import style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.figures.panel_points import points
from layeratlas.papers.spring_block.figures.panel_words import told_by_letter
from layeratlas.papers.spring_block.figures.words import gaps_told, signed
from layeratlas.papers.spring_block.layout import diagram
from layeratlas.papers.spring_block.panels import PANELS


@style.styled
def load_uniformity(cubes: Cubes, references: References) -> Figure:
    """Test accuracy against |CI|, one point a cell, one colour a panel."""
    figure = style.new_figure(style.COLUMN, 3.3)
    axes = figure.subplots()
    several = False
    counts: dict[str, str] = {}
    for panel in PANELS:
        cube = cubes[panel.experiment]
        curves = diagram(load_curves.load_curve(cube), noisiest_first=True)
        uniformity = abs(load_curves.convexity_index(curves)).values.ravel()
        accuracy = diagram(selecting.mean_accuracy(cube), noisiest_first=True).values.ravel()
        rho, count = _rank_of_finite(uniformity, accuracy)
        counts[panel.letter] = f"{count}"
        label = rf"{panel.subject}, $\rho$ = {signed(rho)}"
        runs = diagram(load_curves.load_curve(cube, over=None), noisiest_first=True)
        x_spread = _spread(load_curves.convexity_index(runs))
        y_spread = _spread(diagram(selecting.accuracy(cube), noisiest_first=True))
        several |= x_spread is not None
        if x_spread is not None:
            # A distance ends at 0.
            x_spread = np.stack([np.fmin(x_spread, uniformity), x_spread])
        points(
            axes, panel, uniformity, accuracy, s=14, label=label, x_spread=x_spread,
            y_spread=y_spread,
        )  # fmt: skip
    axes.set_xlabel("distance from even load |CI|")
    axes.set_ylabel("test accuracy (%)")
    # No mark is cut at 0.
    axes.set_xlim(left=-0.02 * axes.get_xlim()[1])
    style.open_frame(axes)
    figure.legend(loc="outside upper center", ncols=2, handletextpad=0.1, columnspacing=1.0)
    style.note(
        figure,
        f"CI: convexity index of the seed-mean load curve; ρ: Spearman over the cells of a panel "
        f"({told_by_letter(counts)} cells)."
        f"{' Bars: ± standard deviation over seeds.' if several else ''}"
        f"{gaps_told(*cubes.values(), gaps='No point where no seed is left')}",
    )
    return figure


def _spread(runs: xr.DataArray) -> np.ndarray | None:
    """Sample standard deviation over seeds of every cell; one seed has none."""
    return runs.std("seed", ddof=1).values.ravel() if runs.sizes["seed"] > 1 else None


def _rank_of_finite(a: np.ndarray, b: np.ndarray) -> tuple[float, int]:
    """Spearman's ρ of the cells that are drawn, and their number; the claim on the same number
    leaves out none."""
    kept = np.isfinite(a) & np.isfinite(b)
    count = int(kept.sum())
    if count < 3:
        return np.nan, count
    x, y = (xr.DataArray(values[kept], dims="cell") for values in (a, b))
    return float(spearman(x, y, "cell")), count
