"""The spectrum of a network's tangent kernel along training, after Baratin et al."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from layeratlas.figures import palette, style, widths
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.figures import along
from layeratlas.papers.signal_propagation.kernels_along import (
    EXPERIMENT,
    Along,
    noise_told,
    trainings,
)

#: Numbers of eigenvalues whose share of the trace is told apart.
HIGHLIGHTED = (40, 80, 160)
_SUMMARIES: dict[str, tuple[Callable[..., np.ndarray], str]] = {
    "largest": (np.max, palette.BLUE),
    "mean": (np.mean, palette.ORANGE),
    "median": (np.median, palette.GREEN),
}


@style.styled
def baratin_spectrum(cubes: Cubes, references: References) -> Figure:
    """Eigenvalues, effective rank and trace ratios of the centred kernel against the step.

    Of all parameters, training images, all outputs. Rows: largest, mean and median eigenvalue;
    exp of the entropy of λ_k / Σ λ; T_k, the share of the k largest in the trace, many k in grey.
    Means over seeds, shaded ± sd.
    Source: arXiv 2008.00938; specification §9 (B3).
    """
    shown = trainings(cubes[EXPERIMENT], largest_rate=True)
    figure = style.new_figure(style.PAGE, 5.2)
    grid = figure.subplots(3, len(shown), squeeze=False, sharex=True, sharey="row")
    for column, one in zip(grid.T, shown, strict=True):
        column[0].set_title(noise_told(one.noise))
        _eigenvalues(column[0], one)
        along.line(
            column[1], one.steps, one.network_runs("network_effective_rank"), color="0.1",
            marker="o", ms=1.5, gid=f"rank,{one.noise:g}",
        )  # fmt: skip
        _ratios(column[2], one)
        for axes in column:
            along.iteration_axis(axes, float(one.steps[one.steps > 0].min()))
            style.open_frame(axes)
        column[-1].set_xlabel("iteration")
    for axes, label in zip(
        grid[:, 0], ("eigenvalue $\\lambda$", "effective rank", "trace ratio $T_k$"), strict=True
    ):
        axes.set_ylabel(label)
    grid[0, 0].set_yscale("log")
    along.from_zero(grid[1, 0])
    along.from_zero(grid[2, 0], 1.03)
    widths.keep_whole(grid[0, 0])
    _legends(figure, grid[2, 0])
    style.note(
        figure,
        "Spectrum of the kernel centred over images, of all outputs: of n images and C outputs "
        "n·C eigenvalues, as in the authors' scripts. $T_k$: share of the k largest in the "
        "trace; grey: from k = 1, lowest, to all. Bands: sd over seeds, where there are several.",
    )
    return figure


def _eigenvalues(axes: Axes, one: Along) -> None:
    spectrum = one.network_runs("network_kernel_spectrum")
    for name, (of, colour) in _SUMMARIES.items():
        along.line(
            axes, one.steps, of(spectrum, axis=2), color=colour, marker="o", ms=1.5, label=name,
            gid=f"{name},{one.noise:g}",
        )  # fmt: skip


def _ratios(axes: Axes, one: Along) -> None:
    spectrum = np.sort(one.network("network_kernel_spectrum"), axis=1)[:, ::-1]
    shares = spectrum.cumsum(1) / spectrum.sum(1, keepdims=True)
    count = shares.shape[1]
    for k in np.unique(np.geomspace(1, count, 15).astype(int)):
        axes.plot(one.steps, shares[:, k - 1], color="0.75", lw=0.5, zorder=1)
    told = [k for k in HIGHLIGHTED if k < count]
    for k, colour in zip(told, style.graded(len(told)), strict=True):
        axes.plot(one.steps, shares[:, k - 1], color=colour, lw=1.2, label=f"$k={k}$",
                  gid=f"share,{k},{one.noise:g}")  # fmt: skip


def _legends(figure: Figure, last: Axes) -> None:
    handles = [
        Line2D([], [], color=colour, label=f"{name} eigenvalue")
        for name, (_, colour) in _SUMMARIES.items()
    ]
    shares, labels = last.get_legend_handles_labels()
    handles += [
        Line2D([], [], color=line.get_color(), lw=1.2, label=f"$T_k$, {label}")
        for line, label in zip(shares, labels, strict=True)
        if isinstance(line, Line2D)
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=6, handlelength=1.4,
                  columnspacing=1.0)  # fmt: skip
