"""The alignment hierarchy over the spring–block paper's diagram of noise and nonlinearity.

Beyond both papers: networks of arXiv 2407.19353, measure of arXiv 2110.11749.
"""

from __future__ import annotations

import numpy as np
from cmcrameri import cm
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from layeratlas.figures import cells, style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.figures import looks
from layeratlas.papers.signal_propagation.noise_grid import EXPERIMENT, NOISE, Diagram, diagram


@style.styled
def alignment_phase_diagram(cubes: Cubes, references: References) -> Figure:
    """Maps over dropout and negative slope, and peak and centroid against the slope.

    a: peak, b: centroid, c: ascent max A/A_1 of the mean profile A_1 … A_L of a cell; rows and
    columns as the published diagram has them, ReLU at the top, less noise to the right; a separate
    column at the right of a and b: the crossing l* of the infinitely wide network of that slope. d:
    peak (dots) and centroid (lines, ± sd over seeds) against the slope, a colour a dropout rate.
    """
    found = diagram(cubes[EXPERIMENT])
    figure = style.new_figure(style.PAGE, 4.7)
    panels = figure.subplots(2, 2).flat
    theory = found.crossing
    for axes, letter, name, words, beside in (
        (panels[0], "a", "peak", "peak layer", theory),
        (panels[1], "b", "centroid", "centroid of the profile", theory),
        (panels[2], "c", "ascent", "ascent $\\max A/A_1$", None),
    ):
        _map(axes, found, name, words, beside)
        axes.set_title(letter, loc="left", fontweight="bold")
        axes.set_title(words)
    _against_slope(panels[3], found)
    panels[3].set_title("d", loc="left", fontweight="bold")
    style.note(figure, _note(cubes, found))
    return figure


def _map(axes: Axes, found: Diagram, name: str, words: str, beside: np.ndarray | None) -> None:
    values = found.grid(name)
    limits = (1, found.layers) if beside is not None else cells.limits(values)
    shown = values
    if beside is not None:
        gap = np.full((len(values), 1), np.nan)
        shown = np.concatenate([values, gap, beside[:, None]], axis=1)
    image = cells.shade(axes, shown, cmap=cm.batlow, vmin=limits[0], vmax=limits[1])
    middle = sum(limits) / 2
    for j, i in np.ndindex(*shown.shape):
        if np.isfinite(shown[j, i]):
            axes.text(i, j, f"{shown[j, i]:.2f}" if name == "ascent" else f"{shown[j, i]:.1f}",
                      ha="center", va="center", fontsize=6,
                      color="white" if shown[j, i] < middle else "black")  # fmt: skip
    labels = style.tick_labels(NOISE, found.noises)
    extra = ["", "$l^*$"] if beside is not None else []
    axes.set_xticks(range(shown.shape[1]), [*labels, *extra])
    axes.set_yticks(range(len(values)), style.tick_labels("negative_slope", found.slopes))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel(f"more noise  ←  {style.axis_label(NOISE)}  →  less noise")
    axes.set_ylabel(r"linear  ←  slope $\alpha$  →  ReLU")
    bar = axes.figure.colorbar(image, ax=axes, fraction=0.05, pad=0.02, aspect=30)
    bar.set_label(words)
    bar.outline.set_linewidth(0.4)
    bar.ax.tick_params(length=0)


def _against_slope(axes: Axes, found: Diagram) -> None:
    peaks, centroids, spreads = found.grid("peak"), found.grid("centroid"), _spreads(found)
    colours = style.graded(len(found.noises))
    labels = style.tick_labels(NOISE, found.noises)
    width = np.ptp(found.slopes) or 1.0
    for k, (colour, label) in enumerate(zip(colours, labels, strict=True)):
        # Peaks are whole numbers: moved a little, so that they do not hide one another.
        moved = 0.012 * width * (k - (len(labels) - 1) / 2)
        axes.plot(found.slopes + moved, peaks[:, k], color=colour, marker="o", ms=3.5, ls="none",
                  gid=f"peak:{label}")  # fmt: skip
        axes.plot(found.slopes, centroids[:, k], color=colour, lw=1, label=f"$p$ = {label}",
                  gid=f"centroid:{label}")  # fmt: skip
        axes.errorbar(found.slopes + moved, centroids[:, k], yerr=spreads[:, k], fmt="none",
                      ecolor=colour, elinewidth=0.7)  # fmt: skip
    axes.plot(found.slopes, found.crossing, label="$l^*$", gid="mean_field", marker=".",
              ms=3, **looks.EQUILIBRIUM)  # fmt: skip
    axes.set_xlabel(style.axis_label("negative_slope"))
    axes.set_ylabel("layer: peak (dots), centroid (lines)")
    axes.set_ylim(0.5, found.layers * 1.35)
    axes.set_yticks(range(1, found.layers + 1))
    axes.legend(loc="upper center", ncols=3)
    style.open_frame(axes)


def _spreads(found: Diagram) -> np.ndarray:
    """Standard deviation of the centroid over the seeds of every cell, (slope, noise)."""
    return np.array(
        [[looks.spread(found.shapes[a, p].centroids) for p in found.noises] for a in found.slopes]
    )


def _note(cubes: Cubes, found: Diagram) -> str:
    spreads = _spreads(found)
    worst = (
        f" Bars in d: sd of the centroid over seeds, at most {np.nanmax(spreads):.2f} layers."
        if np.isfinite(spreads).any()
        else ""
    )
    return (
        "Beyond the paper: the spring–block paper's networks, the same runs, at the end of "
        f"training, L = {found.layers}; means over seeds, training images, where batch norm has "
        "running statistics. l*: where forward and backward information cross in an infinitely "
        f"wide network of leaky ReLU, derived here, from the mean cosine {found.c0:.2f} of what "
        "layer 1 reads. Batch norm, the frameworks' initial law (not the edge of chaos), dropout "
        "and Adam are outside that theory, so it is a guide, no test; linear networks have none."
        f"{worst} Colours of c are not those of a and b."
    )
