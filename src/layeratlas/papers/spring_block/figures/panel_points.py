"""Cells of the four panels as points: one colour and one marker a panel.

Both differ between panels, so that print in grey works.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from layeratlas.figures import palette
from layeratlas.papers.spring_block.panels import PANELS, Panel

#: Letter of a panel → its colour and marker.
LOOKS = {
    panel.letter: (palette.of(panel.noise), marker)
    for panel, marker in zip(PANELS, "os^D", strict=True)
}


def points(
    axes: Axes,
    panel: Panel,
    x: np.ndarray,
    y: np.ndarray,
    *,
    x_spread: np.ndarray | None = None,
    y_spread: np.ndarray | None = None,
    **look: Any,
) -> None:
    """One point a cell, in the look of the panel, with bars of its spreads where they are known.

    `look` as of matplotlib's `scatter`.
    """
    colour, marker = LOOKS[panel.letter]
    bars = [s if s is not None and np.isfinite(s).any() else None for s in (x_spread, y_spread)]
    if any(bar is not None for bar in bars):
        axes.errorbar(
            x, y, xerr=bars[0], yerr=bars[1], ls="none", color=colour, elinewidth=0.6, alpha=0.5,
            zorder=1.5, gid=f"spread:{panel.letter}",
        )  # fmt: skip
    axes.scatter(
        x,
        y,
        marker=marker,
        facecolor=colour,
        edgecolor="white",
        linewidth=0.4,
        alpha=0.9,
        zorder=2,
        gid=f"cells:{panel.letter}",
        **look,
    )
