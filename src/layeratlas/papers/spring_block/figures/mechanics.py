"""Parts of a mechanical drawing: springs, blocks, a wall, a rough floor."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Rectangle

from layeratlas.figures import palette

WOOD = palette.WOOD
EDGE = "0.25"
STEEL = "0.35"


def spring(
    axes: Axes, start: float, stop: float, y: float, *, height: float, turns: int = 5, **line: Any
) -> None:
    """A coil from (start, y) to (stop, y): straight ends and a zig-zag of `turns` between."""
    lead = 0.12 * (stop - start)
    inner = np.linspace(start + lead, stop - lead, 2 * turns + 1)
    swing = np.zeros(len(inner))
    swing[1:-1] = np.resize([1, -1], len(inner) - 2)
    style: dict[str, Any] = {
        "color": STEEL,
        "lw": 0.8,
        "solid_joinstyle": "round",
        "zorder": 2,
    } | line
    axes.plot([start, *inner, stop], [y, *(y + height * swing), y], **style)


def block(axes: Axes, centre: float, y: float, width: float, height: float, **patch: Any) -> None:
    """A block whose middle is at (centre, y)."""
    style: dict[str, Any] = {"facecolor": WOOD, "edgecolor": EDGE, "lw": 0.6, "zorder": 3} | patch
    axes.add_patch(Rectangle((centre - width / 2, y - height / 2), width, height, **style))


def wall(axes: Axes, x: float, low: float, high: float, *, thickness: float) -> None:
    """A wall whose face is at x, hatched on its left."""
    axes.add_patch(
        Rectangle(
            (x - thickness, low), thickness, high - low,
            facecolor="white", edgecolor=EDGE, lw=0, hatch="//////", zorder=1,
        )
    )  # fmt: skip
    axes.plot([x, x], [low, high], color=EDGE, lw=1.0, zorder=2)


def floor(axes: Axes, start: float, stop: float, y: float, *, thickness: float) -> None:
    """A rough floor whose top is at y."""
    axes.add_patch(
        Rectangle(
            (start, y - thickness), stop - start, thickness,
            facecolor="white", edgecolor="0.6", lw=0, hatch="//////", zorder=0.5,
        )
    )  # fmt: skip
    axes.plot([start, stop], [y, y], color=EDGE, lw=0.8, zorder=1)


def arrow(axes: Axes, start: tuple[float, float], stop: tuple[float, float], **patch: Any) -> None:
    """A straight arrow in data coordinates."""
    style: dict[str, Any] = {
        "arrowstyle": "-|>",
        "mutation_scale": 8,
        "lw": 1.0,
        "color": EDGE,
        "zorder": 4,
    }
    axes.add_patch(FancyArrowPatch(start, stop, shrinkA=0, shrinkB=0, **style | patch))


def chain(
    axes: Axes,
    positions: np.ndarray,
    target: float,
    colours: np.ndarray,
    *,
    y: float = 0.0,
    height: float = 1,
) -> None:
    """Blocks at `positions` x_1 … x_L between the wall at 0 and the pull at `target`.

    Blocks need room that the model does not give them: the drawing adds a block's width at each
    joint, so that coinciding blocks stand side by side and springs keep their elongation.
    """
    length = len(positions)
    width = 0.045 * target
    places = np.asarray(positions) + width * (np.arange(length) + 0.5)
    end = target + width * length
    edges = [0.0, *(places + width / 2)]
    for i, (left, place) in enumerate(zip(edges, [*(places - width / 2), end], strict=True)):
        if place - left > 1e-3 * target:
            # A short spring drawn with all its turns would be a black bar.
            turns = int(np.clip((place - left) / (0.04 * target), 1, 5))
            spring(axes, left, place, y, height=0.22 * height, turns=turns, lw=0.7)
        if i < length:
            block(axes, places[i], y, width, 0.8 * height, facecolor=colours[i], lw=0.4)
    bottom = y - 0.4 * height
    wall(axes, 0.0, bottom, y + 0.55 * height, thickness=0.03 * target)
    floor(axes, 0.0, end + 0.02 * target, bottom, thickness=0.13 * height)
    axes.set_xlim(-0.05 * target, end + 0.06 * target)
    axes.plot([end], [y], marker="o", ms=2.5, color=EDGE, zorder=4)
