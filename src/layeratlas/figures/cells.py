"""Diagrams over two axes drawn cell by cell: a curve in every cell, a shade behind it.

Cell (column i, row j) is the unit square centred on (i, j); rows grow downward, as in an image.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from matplotlib.patheffects import Normal, Stroke

from layeratlas.figures import style


def shade(axes: Axes, values: np.ndarray, **colours: Any) -> AxesImage:
    """The background: `values` is (row, column), masked where not finite; `colours` say the map."""
    return axes.imshow(
        np.ma.masked_invalid(values),
        aspect="auto",
        interpolation="nearest",
        zorder=0,
        **colours,
    )


def limits(values: np.ndarray) -> tuple[float, float]:
    """Smallest and largest finite value, never equal; 0 and 100 (percent) where there is none."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 100.0
    low, high = float(finite.min()), float(finite.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def curve(
    axes: Axes,
    values: np.ndarray,
    column: int,
    row: int,
    gid: str,
    *,
    width: float = 1.2,
    spread: np.ndarray | None = None,
    **look: Any,
) -> None:
    """A curve of values from 0 to 1 in its cell: the first at the left, 1 near the top, 0 near the
    bottom; hatching instead where a point is missing.

    `spread`, as long as `values`, is a band on both sides, which ends at the cell's edge; `look` as
    of matplotlib's lines.
    """
    if not np.isfinite(values).all():
        cell = Rectangle((column - 0.5, row - 0.5), 1, 1, hatch="/////", lw=0, zorder=1)
        cell.set(facecolor=style.MISSING, edgecolor="0.45", gid=f"missing:{gid}")
        axes.add_patch(cell)
        return
    x = column - 0.5 + np.linspace(0.12, 0.88, len(values))
    y = row + 0.5 - (0.12 + 0.76 * values)
    (line,) = axes.plot(
        x, y, color=style.CURVE, lw=width, solid_capstyle="round", zorder=2, gid=f"curve:{gid}",
        **look,
    )  # fmt: skip
    if spread is not None and np.isfinite(spread).any():
        above, below = np.clip([y - 0.76 * spread, y + 0.76 * spread], row - 0.48, row + 0.48)
        axes.fill_between(
            x, above, below, color=style.CURVE, alpha=0.35, lw=0, zorder=1.8, gid=f"spread:{gid}"
        )
    # A thin light casing keeps red readable on dark cells, also without red vision.
    line.set_path_effects([Stroke(linewidth=width + 1.0, foreground="white", alpha=0.75), Normal()])


def finished(axes: Axes, count: int, of: int, column: int, row: int, gid: str) -> None:
    """In the corner of a cell that lost some of its seeds: how many are behind the curve."""
    if 0 < count < of:
        axes.annotate(
            f"{count}/{of}",
            (column + 0.45, row - 0.43),
            ha="right",
            va="top",
            fontsize=style.SMALLEST,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
            gid=f"finished:{gid}",
        )


def frame(axes: Axes, columns: Sequence[str], rows: Sequence[str]) -> None:
    """Labels of columns (left to right) and rows (top to bottom), and lines between the cells."""
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.tick_params(length=0)
    for edge in np.arange(len(columns) - 1) + 0.5:
        axes.axvline(edge, color="0.88", lw=0.6, zorder=1.5)
    for edge in np.arange(len(rows) - 1) + 0.5:
        axes.axhline(edge, color="0.88", lw=0.6, zorder=1.5)
