"""What figures along training share: layers by colour, the axis of iterations, words of a cube."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from layeratlas.figures import style

__all__ = [
    "count",
    "iteration_axis",
    "layer_bar",
    "layer_curves",
    "room_above",
    "setting_told",
]


def layer_curves(axes: Axes, steps: np.ndarray, values: np.ndarray, gid: str) -> None:
    """One line a layer, dark at the input: `values` (record, layer) against `steps` (record)."""
    for layer, colour in enumerate(style.graded(values.shape[1])):
        axes.plot(
            steps, values[:, layer], color=colour, lw=0.9, marker="o", ms=1.2,
            gid=f"{gid},layer={layer + 1}",
        )  # fmt: skip


def layer_bar(figure: Figure, beside: Sequence[Axes], layers: int) -> None:
    """The key of `layer_curves` for layers 1 … L."""
    norm = BoundaryNorm(np.arange(0.5, layers + 1), layers)
    shown = ScalarMappable(norm=norm, cmap=ListedColormap(style.graded(layers)))
    every = -(-layers // 10)
    ticks = np.arange(1, layers + 1, every)
    bar = figure.colorbar(shown, ax=list(beside), ticks=ticks, pad=0.015, aspect=30)
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
    axes.set_xlim(left=0)


def room_above(axes: Axes, share: float) -> None:
    """From 0, with room for a legend above what is drawn: that share of its height more."""
    axes.set_ylim(0, axes.get_ylim()[1] * (1 + share))


def count(n: int, what: str) -> str:
    """`1 seed`, `2 seeds`, with a no-break space."""
    return f"{n}\u00a0{what}" if n == 1 else f"{n}\u00a0{what}s"


def setting_told(array: Any, axis: str) -> str:
    """A value of an axis with its symbol, for the title of a panel."""
    (text,) = style.tick_labels(axis, [array])
    return f"{style.axis_label(axis)} = {text}"
