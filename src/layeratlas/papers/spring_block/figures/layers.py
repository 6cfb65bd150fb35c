"""One colour a layer, of a network or of the chain that stands for it."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure

from layeratlas.figures import style


def layer_colours(count: int) -> np.ndarray:
    """RGBA `(count, 4)`, from the wall or input (dark) outward."""
    return style.graded(count)


def layer_bar(
    figure: Figure, axes: Any, count: int, label: str, *, first: int = 0, **shape: Any
) -> None:
    """The colours of the layers `first`, first + 1, …, one box each, beside `axes`.

    `shape` as of matplotlib's colour bars.
    """
    norm = Normalize(first - 0.5, first + count - 0.5)
    colours = ListedColormap(layer_colours(count))
    bar = figure.colorbar(
        ScalarMappable(norm, colours),
        ax=axes,
        **{"fraction": 0.04, "pad": 0.015, "aspect": 30} | shape,
    )
    bar.set_ticks(range(first, first + count))
    bar.ax.tick_params(length=0)
    bar.set_label(label)
    bar.outline.set_linewidth(0.6)
