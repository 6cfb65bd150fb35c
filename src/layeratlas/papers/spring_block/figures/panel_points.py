"""Cells of the four panels as points: one colour and one marker a panel.

Both differ between panels, so that print in grey works.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from layeratlas.figures import palette
from layeratlas.papers.spring_block.panels import Panel

#: Letter of a panel → its colour, of Okabe and Ito's set, and marker.
LOOKS = {
    "a": (palette.BLUE, "o"),
    "b": (palette.VERMILLION, "s"),
    "c": (palette.GREEN, "^"),
    "d": (palette.PURPLE, "D"),
}


def points(axes: Axes, panel: Panel, x: np.ndarray, y: np.ndarray, **look: Any) -> None:
    """One point a cell, in the look of the panel; `look` as of matplotlib's `scatter`."""
    colour, marker = LOOKS[panel.letter]
    axes.scatter(
        x,
        y,
        marker=marker,
        facecolor=colour,
        edgecolor="white",
        linewidth=0.4,
        alpha=0.9,
        gid=f"cells:{panel.letter}",
        **look,
    )
