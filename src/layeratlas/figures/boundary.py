"""A boundary with its band over the points that it was found from, beside a plain grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from layeratlas.figures import style
from layeratlas.figures.origin import between, origin
from layeratlas.figures.palette import BLUE
from layeratlas.refining.boundary import CONFIDENCE
from layeratlas.refining.plane import square
from layeratlas.refining.results import Found

__all__ = ["band_of", "boundary_figure", "colours", "draw_boundary", "set_scales"]

_STEPS = 96
_LINE, _BAND, _THEORY = "black", "0.35", BLUE
Lines = Sequence[tuple[str, np.ndarray, np.ndarray]]


@style.styled
def boundary_figure(
    cube: xr.DataTree, long_name: str, symbol: str = "", theory: Lines = ()
) -> Figure:
    """The boundary of a cube of points (left), and what a plain grid of as many runs would show
    (right): its cells, each with the value that the surface has there, and the line between them.

    Colour is the posterior mean, white at the level; the line is the boundary, hatched its band,
    which holds the whole of it with the stated probability. Points are dots, larger with more
    seeds, dark ones of later generations. Axes in their own units. `theory` gives named lines
    beside it.
    """
    found = Found.of(cube)
    figure = style.new_figure(style.PAGE, 3.4)
    left, right = figure.subplots(1, 2, sharex=True, sharey=True)
    norm = colours(found)
    image = draw_boundary(left, found, norm, theory)
    _plain_grid(right, found, norm)
    left.set_title("points where they tell most", loc="left")
    cells = _cells(found)
    right.set_title(f"plain grid of as many runs ({cells} × {cells})", loc="left")
    for axes in (left, right):
        axes.set_xlabel(style.coordinate_label(cube.to_dataset()[found.plane.x.name]))
    left.set_ylabel(style.coordinate_label(cube.to_dataset()[found.plane.y.name]))
    label = "\n".join(filter(None, (*wrap(long_name, 44), f"${symbol}$" if symbol else "")))
    figure.colorbar(image, ax=[left, right], label=label, shrink=0.9, pad=0.02)
    _legend(figure, found, theory)
    style.note(figure, _note(found))
    if told := origin({str(cube.attrs["experiment"]): cube}, (), {}):
        style.add_to_note(figure, told)
    return figure


def draw_boundary(axes: Axes, found: Found, norm: Normalize, theory: Lines = ()) -> Any:
    """Surface, band, line and points of one boundary in one panel; the mappable of the colours."""
    from cmcrameri import cm

    places = square(_STEPS)
    mean, _ = found.surface.at(places)
    x, y = (found.plane.unrounded(places)[:, k].reshape(_STEPS + 1, _STEPS + 1) for k in (0, 1))
    image = axes.pcolormesh(
        x, y, mean.reshape(x.shape), norm=norm, cmap=cm.vik, shading="gouraud", rasterized=True
    )
    if found.boundary.exists:
        x, y, away = band_of(found)
        within = [0, found.boundary.band]
        axes.contourf(x, y, away, levels=within, colors="none", hatches=["///////"])
        axes.contour(x, y, away, levels=within[1:], colors=_BAND, linewidths=0.5)
    for piece in found.line():
        axes.plot(*piece.T, color=_LINE, lw=1.4, gid="boundary")
    for name, across, up in theory:
        axes.plot(across, up, color=_THEORY, lw=1.2, ls=(0, (4, 2)), gid=f"theory,{name}")
    later = found.generation > 0
    size = 3.0 + 2.0 * found.counts
    for which, face, edge, gid in (
        (~later, "white", "black", "first"),
        (later, "black", "white", "later"),
    ):
        x, y = found.points[which].T
        axes.scatter(x, y, s=size[which], c=face, edgecolors=edge, lw=0.5, zorder=3, clip_on=False,
                     gid=gid)  # fmt: skip
    set_scales(axes, found)
    return image


def band_of(found: Found) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, y in values of the axes and |µ − h| / σ, 2-d: the band is where that is at most
    `boundary.band`."""
    places = square(_STEPS)
    mean, spread = found.surface.at(places)
    away = np.abs(mean - found.boundary.level) / np.maximum(spread, 1e-300)
    shape = (_STEPS + 1, _STEPS + 1)
    x, y = (found.plane.unrounded(places)[:, k].reshape(shape) for k in (0, 1))
    return x, y, away.reshape(shape)


def set_scales(axes: Axes, found: Found) -> None:
    """Limits and scales of the plane."""
    for side, scale, limits in (
        (found.plane.x, axes.set_xscale, axes.set_xlim),
        (found.plane.y, axes.set_yscale, axes.set_ylim),
    ):
        if side.log:
            scale("log")
        limits(side.low, side.high)


def colours(found: Found) -> Normalize:
    """White at the level, as far to either side as the values are."""
    level = found.boundary.level
    reach = float(np.nanmax(np.abs(np.nanmean(found.values, axis=1) - level))) or 1.0
    return Normalize(level - reach, level + reach)


def _cells(found: Found) -> int:
    """Cells along each side of a grid of as many runs, each with the seeds of a new point."""
    first = int(found.refine["seeds"]["from"])
    return max(2, int(math.sqrt(found.runs / first) + 1e-9))


def _plain_grid(axes: Axes, found: Found, norm: Normalize) -> None:
    from cmcrameri import cm

    cells = _cells(found)
    places = square(cells - 1)
    mean, _ = found.surface.at(places)
    edges = (np.arange(cells + 1) - 0.5) / (cells - 1)
    ends = found.plane.unrounded(np.stack([edges, edges], axis=1))
    values = mean.reshape(cells, cells)
    axes.pcolormesh(ends[:, 0], ends[:, 1], values.T, norm=norm, cmap=cm.vik, rasterized=True)
    x, y = (found.plane.unrounded(places)[:, k].reshape(cells, cells) for k in (0, 1))
    level = found.boundary.level
    if values.min() < level < values.max():
        axes.contour(x, y, values, levels=[level], colors=_LINE, linewidths=1.0, linestyles=":")
    for piece in found.line():
        axes.plot(*piece.T, color=_LINE, lw=0.8, gid="boundary")
    set_scales(axes, found)


def _legend(figure: Figure, found: Found, theory: Lines) -> None:
    level = found.boundary.level
    handles: list[Any] = []
    if found.boundary.lines:
        handles += [
            Line2D([], [], color=_LINE, lw=1.4, label=f"boundary at {level:.3g}"),
            Patch(facecolor="none", edgecolor=_BAND, hatch="///////", lw=0.5,
                  label=f"band, {100 * CONFIDENCE:g} %"),
            Line2D([], [], color=_LINE, lw=1.0, ls=":", label="of the plain grid"),
        ]  # fmt: skip
    handles += [
        Line2D([], [], color=_THEORY, lw=1.2, ls=(0, (4, 2)), label=name)
        for name in dict.fromkeys(name for name, *_ in theory)
    ]
    for label, face, edge in (("first generation", "white", "black"), ("later", "black", "white")):
        handles.append(Line2D([], [], ls="none", marker="o", ms=4, mfc=face, mec=edge, label=label))
    figure.legend(handles=handles, loc="outside upper center", ncols=4, columnspacing=1.2)


def _note(found: Found) -> str:
    boundary = found.boundary
    seeds = between(int(found.counts.min()), int(found.counts.max()), "seed")
    said = (
        f"{len(found.points)} points in {found.generations} generations, {found.runs} runs, "
        f"{seeds} a point (larger dots: more). "
    )
    if not boundary.exists:
        return said + "No boundary is seen in this plane."
    said += f"The boundary is off by {boundary.offset:.3f} of the axes' ranges (root mean square)"
    if not math.isnan(found.moved):
        said += f"; the last generation moved it by {found.moved:.3f}"
    return f"{said}. Hatched: where all of it lies, with {100 * CONFIDENCE:g} %."
