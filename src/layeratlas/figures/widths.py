"""A figure at another width: panels in fewer columns, not smaller words.

Journals set figures over one column or two. A figure is drawn for the width that suits it; `fit`
gives the same figure for the other. What is narrower gets fewer panels a row, each about as high as
before, so that no word shrinks; legends, titles and the note break anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import Any, cast
from weakref import WeakSet

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, SubFigure
from matplotlib.gridspec import GridSpecBase, SubplotSpec
from matplotlib.legend import Legend
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from layeratlas.figures import style

__all__ = ["fit", "keep_whole", "one_a_row"]

#: Panels may become this much narrower than they were before a row holds fewer of them.
_NARROWER = 0.3


def fit(figure: Figure, width: float) -> Figure:
    """The figure at `width` inches, changed in place: one made by `style.new_figure` and drawn."""
    old, height = figure.get_size_inches()
    if abs(old - width) < 0.05:
        return figure
    with style.context():
        factor = _rearrange(figure, width / old) if width < old else 1.0
        figure.set_size_inches(width, height * factor)
        style.rewrap_note(figure)
        figure.draw_without_rendering()
        for axes in figure.axes:
            for axis in (axes.xaxis, axes.yaxis):
                _keep_ticks(axis)
        _break_words(figure)
    return figure


_WHOLE: WeakSet[GridSpecBase] = WeakSet()


def keep_whole(panels: Axes) -> None:
    """The grid of this panel keeps its columns at any width: they share axes and need little room
    beside the panels, and rows that were broken could not be read."""
    _WHOLE.add(_spot(panels).get_gridspec())


_ALONE: WeakSet[GridSpecBase] = WeakSet()


def one_a_row(panels: Axes) -> None:
    """The panels of this grid stand one below the other where the figure is narrower: each holds a
    legend or words that half a column has no room for."""
    _ALONE.add(_spot(panels).get_gridspec())


def _rearrange(part: Figure | SubFigure, narrower: float) -> float:
    """Panels of a part in as many columns as `narrower` times its width has room for; by what
    factor it must be higher."""
    factors = [_stack(part, narrower)] if part.subfigs else []
    grids: dict[GridSpecBase, list[Axes]] = {}
    for axes in part.axes:
        spot = axes.get_subplotspec()
        if spot is not None and axes.get_figure() is part:
            grids.setdefault(spot.get_gridspec(), []).append(axes)
    factors += [_regrid(part, grid, panels, narrower) for grid, panels in grids.items()]
    return max(factors, default=1.0)


def _stack(part: Figure | SubFigure, narrower: float) -> float:
    """Subfigures one below the other."""
    children: list[SubFigure] = sorted(part.subfigs, key=_place)
    heights, widths = _ratios(_spot(children[0]).get_gridspec())
    each = []
    for child in children:
        spot = _spot(child)
        share = sum(widths[k] for k in spot.colspan) / sum(widths)
        own = _rearrange(child, min(1.0, narrower / share))
        each.append(own * sum(heights[k] for k in spot.rowspan))
    stacked = part.add_gridspec(len(children), 1, height_ratios=each)
    for k, child in enumerate(children):
        child._subplotspec = stacked[k, 0]  # type: ignore[attr-defined]
        child._redo_transform_rel_fig()  # type: ignore[attr-defined]
    return sum(each) / sum(heights)


def _regrid(
    part: Figure | SubFigure, grid: GridSpecBase, panels: Sequence[Axes], narrower: float
) -> float:
    """Panels of one grid in fewer columns, in reading order; twins stay together."""
    heights, widths = _ratios(grid)
    columns = min(len(widths), max(1, int(len(widths) * narrower / (1 - _NARROWER) + 1e-9)))
    if grid in _WHOLE:
        # Maps get smaller with their width.
        square = all(axes.get_aspect() != "auto" for axes in panels)
        return max(narrower, 0.75) if square else 1.0
    if columns == len(widths):
        return 1.0
    columns = 1 if grid in _ALONE else columns
    places: dict[SubplotSpec, list[Axes]] = {}
    for axes in sorted(panels, key=_place):
        places.setdefault(_spot(axes), []).append(axes)
    # Rows as full as each other: six panels at most four a row are three and three.
    columns = math.ceil(len(widths) / math.ceil(len(widths) / columns))
    if any(len(spot.rowspan) > 1 or len(spot.colspan) > 1 for spot in places):
        columns = 1
    labels = _labels(panels)
    # Where all show the same quantities, or each names its own, rows mean nothing: panels flow on.
    alike = len({labels[axes] for axes in panels if axes.axison}) <= 1
    flows = alike or all(axes.get_xlabel() and axes.get_ylabel() for axes in panels if axes.axison)
    lines: dict[int, list[SubplotSpec]] = {}
    for spot in places:
        lines.setdefault(0 if flows else spot.rowspan.start, []).append(spot)
    rows = [
        line[start : start + columns]
        for line in lines.values()
        for start in range(0, len(line), columns)
    ]
    high = [max(sum(heights[k] for k in spot.rowspan) for spot in row) for row in rows]
    new = part.add_gridspec(len(rows), columns, height_ratios=high, width_ratios=widths[:columns])
    for j, row in enumerate(rows):
        for i, spot in enumerate(row):
            for axes in places[spot]:
                axes.set_subplotspec(new[j, i])
    _name_outer([[places[spot][0] for spot in row] for row in rows], labels)
    return sum(high) / sum(heights)


def _ratios(grid: GridSpecBase) -> tuple[list[float], list[float]]:
    heights: Any = grid.get_height_ratios() or [1.0] * grid.nrows
    widths: Any = grid.get_width_ratios() or [1.0] * grid.ncols
    return list(heights), list(widths)


def _spot(child: Any) -> SubplotSpec:
    # Axes have a getter for it, subfigures have not.
    return cast(SubplotSpec, child._subplotspec)


def _place(child: Any) -> tuple[int, int]:
    spot = _spot(child)
    return spot.rowspan.start, spot.colspan.start


# --- words -------------------------------------------------------------------------------------
def _labels(panels: Iterable[Axes]) -> dict[Axes, tuple[str, str]]:
    """What each panel's axes are, be it said at the panel or at the outermost of its row or column:
    the label below and the label at the left."""
    panels = list(panels)
    told = {}
    for axes in panels:
        row, column = _place(axes)
        below = [a for a in panels if _place(a)[1] == column and _place(a)[0] >= row]
        left = [a for a in panels if _place(a)[0] == row and _place(a)[1] <= column]
        x = next((a.get_xlabel() for a in sorted(below, key=_place) if a.get_xlabel()), "")
        y = next(
            (a.get_ylabel() for a in sorted(left, key=_place, reverse=True) if a.get_ylabel()), ""
        )
        told[axes] = (x, y)
    return told


def _name_outer(rows: Sequence[Sequence[Axes]], labels: dict[Axes, tuple[str, str]]) -> None:
    """Panels that have come to the edge of the grid, or above another quantity, say what they
    show."""
    for j, row in enumerate(rows):
        for i, axes in enumerate(row):
            x, y = labels[axes]
            below = rows[j + 1][i] if j + 1 < len(rows) and i < len(rows[j + 1]) else None
            told_below = below and _shared(axes, below, "x") and labels[below][0] == x
            if x and axes.axison and not told_below:
                axes.set_xlabel(x)
                axes.tick_params(axis="x", which="both", labelbottom=True)
            left = row[i - 1] if i else None
            told_left = left and _shared(axes, left, "y") and labels[left][1] == y
            if y and axes.axison and not told_left:
                axes.set_ylabel(y)
                axes.tick_params(axis="y", which="both", labelleft=True)


def _shared(axes: Axes, other: Axes, way: str) -> bool:
    groups = axes.get_shared_x_axes() if way == "x" else axes.get_shared_y_axes()
    return bool(groups.joined(axes, other))


def _break_words(figure: Figure) -> None:
    """Legends in fewer columns, titles and labels in more lines, until they fit their room."""
    renderer = cast(FigureCanvasAgg, figure.canvas).get_renderer()
    page = figure.bbox.width
    for legend in cast(list[Legend], figure.findobj(Legend)):
        columns = legend._ncols  # type: ignore[attr-defined]
        while columns > 1 and legend.get_window_extent(renderer).width > _room(legend, page):
            columns -= 1
            _set_columns(legend, columns)
    for axes in figure.axes:
        room = axes.get_window_extent(renderer).width
        for title in (axes.title, axes._left_title):  # type: ignore[attr-defined]
            _wrap(title, room if len(figure.axes) > 1 else page, renderer)
        beside = axes._left_title  # type: ignore[attr-defined]
        letter = beside.get_window_extent(renderer).width if beside.get_text() else 0.0
        _wrap(axes._right_title, 0.95 * room - letter, renderer)  # type: ignore[attr-defined]
        _wrap(axes.xaxis.label, 1.3 * room, renderer)
        _wrap(axes.yaxis.label, 1.2 * axes.get_window_extent(renderer).height, renderer, tall=True)
    parts: list[Any] = [figure, *figure.findobj(SubFigure)]
    for part in parts:
        heading = getattr(part, "_suptitle", None)
        if heading is not None:
            _wrap(heading, 0.98 * part.bbox.width, renderer)


def _keep_ticks(axis: Axis) -> None:
    """On a short axis matplotlib leaves two ticks, which do not tell a scale."""
    locator = axis.get_major_locator()
    if not isinstance(locator, MaxNLocator) or axis.get_scale() != "linear":
        return
    low, high = sorted(axis.get_view_interval())
    # Words that break later may take some room more: of three ticks one could still go.
    if sum(low <= tick <= high for tick in axis.get_majorticklocs()) < 4:
        whole = bool(locator._integer)  # type: ignore[attr-defined]
        axis.set_major_locator(MaxNLocator(4, integer=whole, min_n_ticks=3))


def _set_columns(legend: Legend, count: int) -> None:
    """matplotlib's `set_ncols` by itself does nothing to a legend that has been made."""
    legend.set_ncols(count)
    box = legend._legend_handle_box  # type: ignore[attr-defined]
    columns = box.get_children()
    items = [item for column in columns for item in column.get_children()]
    # As matplotlib splits them: the first columns are the longer ones.
    each, more = divmod(len(items), count)
    ends = np.cumsum([each + (k < more) for k in range(count)])
    for column, part in zip(columns, np.split(np.arange(len(items)), ends[:-1]), strict=False):
        column._children = [items[k] for k in part]
    box._children = columns[:count]


def _room(legend: Legend, page: float) -> float:
    axes = legend.axes
    return 0.97 * page if axes is None else max(0.98 * axes.bbox.width, 0.5 * page)


def _wrap(text: Text, room: float, renderer: Any, *, tall: bool = False) -> None:
    """In as many lines as it takes; a formula is one word."""
    told = text.get_text()
    if " " not in told:
        return
    parts = told.split("$")
    whole = "$".join(p.replace(" ", "\u2063") if k % 2 else p for k, p in enumerate(parts))
    letters = len(whole)
    while (size := _length(text, renderer, tall)) > room and letters > 8:
        # Letters differ in width: the first guess may be a little too long.
        letters = max(8, min(letters - 1, int(letters * room / size)))
        lines = wrap(whole, letters, break_long_words=False, break_on_hyphens=False)
        text.set_text("\n".join(lines).replace("\u2063", " "))


def _length(text: Text, renderer: Any, tall: bool) -> float:
    box = text.get_window_extent(renderer)
    return box.height if tall else box.width
