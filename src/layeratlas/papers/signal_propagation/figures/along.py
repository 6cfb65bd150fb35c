"""What figures along training share: layers by colour, the axis of iterations, words of a cube."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from layeratlas.figures import style
from layeratlas.papers.signal_propagation.figures import looks

__all__ = [
    "count",
    "from_zero",
    "iteration_axis",
    "layer_bar",
    "layer_curves",
    "line",
    "percent_axis",
    "room_above",
    "setting_told",
]


def layer_curves(axes: Axes, steps: np.ndarray, runs: np.ndarray, gid: str) -> None:
    """One line a layer, dark at the input: means of `runs` (seed, record, layer), ± their sd."""
    for layer, colour in enumerate(style.graded(runs.shape[2])):
        line(
            axes, steps, runs[..., layer], color=colour, lw=0.9, marker="o", ms=1.2,
            gid=f"{gid},layer={layer + 1}",
        )  # fmt: skip


def line(axes: Axes, steps: np.ndarray, runs: np.ndarray, **look: Any) -> None:
    """Mean over the seeds that are there of `runs` (seed, record) against `steps`, ± their sd."""
    values = np.asarray(runs, float)
    known = np.isfinite(values).any(0)
    mean = np.full(values.shape[1], np.nan)
    mean[known] = np.nanmean(values[:, known], 0)
    axes.plot(steps, mean, **look)
    looks.band(axes, steps, values, look["color"])


def layer_bar(figure: Figure | SubFigure, below: Sequence[Axes], layers: int) -> None:
    """The key of `layer_curves` for layers 1 … L, above the panels of whole rows."""
    norm = BoundaryNorm(np.arange(0.5, layers + 1), layers)
    shown = ScalarMappable(norm=norm, cmap=ListedColormap(style.graded(layers)))
    every = -(-layers // 10)
    ticks = np.arange(1, layers + 1, every)
    bar = figure.colorbar(
        shown, ax=list(below), ticks=ticks, location="top", shrink=0.6, aspect=45, pad=0.06
    )
    bar.set_label(style.axis_label("layer"))
    bar.outline.set_linewidth(0.4)
    bar.ax.tick_params(length=0)


def iteration_axis(axes: Axes, first: float) -> None:
    """Logarithmic from the first logged iteration on, with 0 at its left."""
    first = max(first, 1.0)
    axes.set_xscale("symlog", linthresh=first, linscale=0.4)
    # Of the powers of ten those right of the linear part, where 0 stands.
    axes.xaxis.set_major_locator(FixedLocator([0, *(10.0**k for k in range(8) if 10.0**k > first)]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    # The mark at 0 is not cut.
    axes.set_xlim(left=-0.15 * first)


def room_above(axes: Axes, share: float) -> None:
    """From 0, with room for a legend above what is drawn: that share of its height more."""
    from_zero(axes, axes.get_ylim()[1] * (1 + share))


def from_zero(axes: Axes, top: float | None = None) -> None:
    """The upward axis from 0, with room for half a mark there, to what is drawn or to `top`."""
    top = axes.get_ylim()[1] if top is None else top
    axes.set_ylim(-0.025 * top, top)
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10], min_n_ticks=3))


def percent_axis(axes: Axes) -> None:
    """Upward from 0 to 100, with room for marks at both."""
    axes.set_ylim(-4, 104)
    axes.set_yticks([0, 25, 50, 75, 100])


def count(n: int, what: str) -> str:
    """`1 seed`, `2 seeds`, with a no-break space."""
    return f"{n}\u00a0{what}" if n == 1 else f"{n}\u00a0{what}s"


def setting_told(array: Any, axis: str) -> str:
    """A value of an axis with its symbol, for the title of a panel."""
    (text,) = style.tick_labels(axis, [array])
    return f"{style.axis_label(axis)} = {text}"
