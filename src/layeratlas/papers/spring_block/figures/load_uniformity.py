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
from layeratlas.papers.spring_block.figures.words import gaps_told, signed
from layeratlas.papers.spring_block.layout import diagram
from layeratlas.papers.spring_block.panels import PANELS


@style.styled
def load_uniformity(cubes: Cubes, references: References) -> Figure:
    """Test accuracy against |CI|, one point a cell, one colour a panel."""
    figure = style.new_figure(style.COLUMN, 3.3)
    axes = figure.subplots()
    for panel in PANELS:
        cube = cubes[panel.experiment]
        curves = diagram(load_curves.load_curve(cube), noisiest_first=True)
        uniformity = abs(load_curves.convexity_index(curves)).values.ravel()
        accuracy = diagram(selecting.mean_accuracy(cube), noisiest_first=True).values.ravel()
        rho = _rank_of_finite(uniformity, accuracy)
        label = rf"{panel.subject}, $\rho$ = {signed(rho)}"
        points(axes, panel, uniformity, accuracy, s=14, label=label)
    axes.set_xlabel("distance from even load |CI|")
    axes.set_ylabel("test accuracy (%)")
    axes.set_xlim(left=0)
    style.open_frame(axes)
    figure.legend(loc="outside upper center", ncols=2, handletextpad=0.1, columnspacing=1.0)
    style.note(
        figure,
        f"CI: convexity index of the seed-mean load curve; ρ: Spearman over the cells of a panel."
        f"{gaps_told(*cubes.values(), gaps='No point where no seed is left')}",
    )
    return figure


def _rank_of_finite(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's ρ of the cells that are drawn; the claim on the same number leaves out none."""
    kept = np.isfinite(a) & np.isfinite(b)
    if kept.sum() < 3:
        return np.nan
    x, y = (xr.DataArray(values[kept], dims="cell") for values in (a, b))
    return float(spearman(x, y, "cell"))
