"""The picture behind the theory: a chain of blocks above the network it stands for.

Shi, Pan and Dokmanić, arXiv 2407.19353. A drawing in vectors; no cube is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from layeratlas.figures import palette, style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block.figures import mechanics
from layeratlas.papers.spring_block.figures.layers import layer_colours

#: Places on the page: the input, three layers, the last one, the target.
_PLACES = {"x_0": 0.0, "x_1": 1.15, "x_2": 2.3, "x_{L-1}": 4.05, "x_L": 5.2, "y": 6.5}
_BLOCKS = ("x_1", "x_2", "x_{L-1}", "x_L")
_CHAIN, _WORDS, _GRAPH = 2.35, 1.2, 0.2
_HALF = 0.27


@style.styled
def schematic(cubes: Cubes | None = None, references: References | None = None) -> Figure:
    """Chain, network and node-link drawing in three rows, aligned layer by layer."""
    figure = style.new_figure(style.PAGE, 3.0)
    axes = figure.subplots()
    colours = dict(zip(_BLOCKS, layer_colours(len(_BLOCKS) + 1)[1:], strict=True))
    for name in _BLOCKS:
        x = _PLACES[name]
        axes.plot(
            [x, x], [_GRAPH + 0.5, _CHAIN - 0.36], color="0.75", lw=0.8, ls=":", zorder=0,
            gid=f"guide:{name}",
        )  # fmt: skip
    _chain(axes, colours)
    _network(axes, colours)
    _graph(axes, colours)
    axes.set(xlim=(-0.5, 6.9), ylim=(-0.42, 3.3))
    axes.set_axis_off()
    style.note(
        figure,
        "Block ↔ hidden layer; elongation of a spring ↔ load of a layer; friction ↔ nonlinearity; "
        "shaking ↔ noise of training; pull toward y ↔ training loss. Blocks slide on a rough "
        "floor, with friction $\\mu_\\to$ against motion to the right and "
        "$\\mu_\\leftarrow$ to the left.",
    )
    return figure


def _chain(axes: Axes, colours: Mapping[str, np.ndarray]) -> None:
    half, y = _HALF, _CHAIN
    low = y - 0.25
    mechanics.wall(axes, 0.0, low, y + 0.45, thickness=0.14)
    mechanics.floor(axes, 0.0, 6.25, low, thickness=0.11)
    for name in _BLOCKS:
        x = _PLACES[name]
        mechanics.block(axes, x, y, 2 * half, 0.5, facecolor="0.75")
        axes.text(x, y, f"${name}$", ha="center", va="center", fontsize=7, zorder=5)
        axes.plot([x - half, x + half], [low, low], color=colours[name], lw=2.2, zorder=4,
                  solid_capstyle="butt")  # fmt: skip
    gap = (_PLACES["x_2"] + half, _PLACES["x_{L-1}"] - half)
    middle = sum(gap) / 2
    joints = [
        (0.0, _PLACES["x_1"] - half, "$d_1$"),
        (_PLACES["x_1"] + half, _PLACES["x_2"] - half, "$d_2$"),
        (gap[0], middle - 0.18, "$d_3$"),
        (middle + 0.18, gap[1], "$d_{L-1}$"),
        (_PLACES["x_{L-1}"] + half, _PLACES["x_L"] - half, "$d_L$"),
    ]
    for start, stop, name in joints:
        mechanics.spring(axes, start, stop, y, height=0.11, turns=5)
        axes.text((start + stop) / 2, y + 0.28, name, ha="center", va="bottom", fontsize=7)
    axes.text(middle, y, "…", ha="center", va="center", fontsize=11)
    end = _PLACES["x_L"] + half
    mechanics.arrow(axes, (end, y), (_PLACES["y"] - 0.12, y), lw=1.6, mutation_scale=12,
                    color=style.CURVE)  # fmt: skip
    axes.text(
        end + 0.02, y + 0.2, "$F=k\\,(y-x_L)$", ha="left", va="bottom", fontsize=7,
        color=style.CURVE,
    )  # fmt: skip
    axes.plot([_PLACES["y"]] * 2, [low, y + 0.2], color="0.45", lw=0.8, ls=(0, (3, 2)))
    axes.text(_PLACES["y"] + 0.1, y, "$y$", ha="left", va="center", fontsize=7)
    above = y + 0.72
    _signed(axes, (0.5, 1.05), above, "friction $\\mu_\\to$", "<|-", palette.BLUE)
    _signed(axes, (3.3, 3.9), above, "noise $\\epsilon\\,\\xi$", "<|-|>", "0.25")


def _signed(
    axes: Axes, ends: tuple[float, float], y: float, words: str, heads: str, colour: str
) -> None:
    """An arrow with its words at the right of it."""
    mechanics.arrow(axes, (ends[0], y), (ends[1], y), arrowstyle=heads, color=colour, lw=1.2)
    axes.text(ends[1] + 0.08, y, words, va="center", fontsize=7, color=colour)


def _network(axes: Axes, colours: Mapping[str, np.ndarray]) -> None:
    y = _WORDS
    box = {"boxstyle": "round,pad=0.22", "lw": 0.6, "edgecolor": "0.35"}
    names = list(_PLACES)
    for name in names:
        words = {"x_0": "$x_0$"}.get(name, f"${name}$")
        # A tint, not transparency: the dotted lines pass behind.
        face = 1 - 0.25 * (1 - colours[name][:3]) if name in colours else "white"
        axes.text(
            _PLACES[name], y, words, ha="center", va="center", fontsize=7, zorder=5,
            bbox=box | {"facecolor": face},
        )  # fmt: skip
    for left, right in pairwise(names):
        start, stop = _PLACES[left] + 0.24, _PLACES[right] - 0.24
        if (left, right) == ("x_2", "x_{L-1}"):
            mechanics.arrow(axes, (start, y), (start + 0.4, y), lw=0.7, mutation_scale=6)
            axes.text((start + stop) / 2, y, "…", ha="center", va="center", fontsize=11)
            mechanics.arrow(axes, (stop - 0.4, y), (stop, y), lw=0.7, mutation_scale=6)
            continue
        start += 0.06 if left == "x_0" else 0.0
        mechanics.arrow(axes, (start, y), (stop, y), lw=0.7, mutation_scale=6)
        weight = {"x_1": "W_1", "x_2": "W_2", "x_L": "W_L", "y": "W_{L+1}"}[right]
        words = f"${weight}$" if right == "y" else f"${weight},\\ \\sigma$"
        # Above the boxes: between them is too little room at one column.
        axes.text((start + stop) / 2, y + 0.22, words, ha="center", va="bottom", fontsize=7)


def _graph(axes: Axes, colours: Mapping[str, np.ndarray]) -> None:
    y, rows = _GRAPH, np.linspace(-0.42, 0.42, 4)
    names = list(_PLACES)
    nodes = {name: rows if name != "y" else rows[[1, 2]] for name in names}
    for left, right in pairwise(names):
        far = (left, right) == ("x_2", "x_{L-1}")
        for a in nodes[left]:
            for b in nodes[right]:
                start, stop = _PLACES[left], _PLACES[right]
                pieces = [(0.0, 0.28), (0.72, 1.0)] if far else [(0.0, 1.0)]
                for low, high in pieces:
                    along = np.array([low, high])
                    axes.plot(
                        start + along * (stop - start), y + a + along * (b - a),
                        color="0.6", lw=0.4, zorder=1, gid="guide:link",
                    )  # fmt: skip
        if far:
            middle = (_PLACES[left] + _PLACES[right]) / 2
            axes.text(middle, y, "…", ha="center", va="center", fontsize=11)
    for name in names:
        fill = colours.get(name, "white")
        axes.plot(
            np.full(len(nodes[name]), _PLACES[name]), y + nodes[name], "o", ms=5.5,
            mfc=fill, mec="0.25", mew=0.6, ls="none", zorder=3,
        )  # fmt: skip
