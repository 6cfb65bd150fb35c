"""What a referee would send back: words that overlap, marks that are cut, lines too faint to see.

`faults` looks at a figure as it is drawn, at its own size, and says in words what is wrong. The
tests hold every figure of the project to it; a figure of one's own can be looked at the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any, cast

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from layeratlas.figures import palette
from layeratlas.figures.style import SMALLEST

__all__ = ["GUIDE", "faults"]

#: Beginning of the id of a line that only guides the eye and may leave the frame: a theory's line
#: over the whole panel, a level.
GUIDE = "guide"

#: Points by which things may touch: glyphs do not fill their boxes.
_TOUCH = 1.0
#: Least contrast on white of a line or a mark that carries data.
FAINTEST = 1.9


def faults(figure: Figure) -> list[str]:
    """What is wrong with the figure at its own size, one sentence each; nothing if all is well.

    - two texts overlap, or one leaves the page;
    - a text is smaller than `style.SMALLEST` points (indices of formulas may be);
    - a mark is cut by the frame of its panel, or a line of data leaves it (but for guides);
    - a legend or another text lies over marks, or over the ends of a line;
    - a line or mark is too faint on white;
    - a panel with ticks does not say what they are, or has fewer than three of them on an axis of
      numbers.
    """
    figure.draw_without_rendering()
    scale = figure.dpi / 72
    texts = list(_texts(figure))
    found = [*_overlaps(texts, scale), *_beyond(texts, figure.bbox), *_small(texts)]
    for axes in figure.axes:
        if axes.get_visible():
            found += [*_cut(axes, scale), *_covered(axes, scale), *_faint(axes), *_unnamed(axes)]
    return list(dict.fromkeys(found))


# --- words -------------------------------------------------------------------------------------
def _texts(figure: Figure) -> Iterator[tuple[Text, Bbox]]:
    """All texts that are seen, with the boxes that they fill."""
    renderer = cast(FigureCanvasAgg, figure.canvas).get_renderer()
    unseen = {text for axes in figure.axes for text in _unseen(axes)}
    for text in dict.fromkeys([*figure.findobj(Text), *_cells(figure)]):
        if text in unseen or not text.get_visible() or not text.get_text().strip():
            continue
        box = text.get_window_extent(renderer)
        if box.width and box.height:
            yield text, box


def _cells(figure: Figure) -> Iterator[Text]:
    """Texts of tables, which their cells do not count among their children."""
    for axes in figure.axes:
        for table in axes.tables:
            yield from (cell.get_text() for cell in table.get_celld().values())


def _unseen(axes: Axes) -> Iterator[Text]:
    """Texts of a panel that matplotlib keeps and does not draw."""
    if not axes.get_visible():
        yield from axes.findobj(Text)
        return
    for axis in (axes.xaxis, axes.yaxis):
        if not axes.axison or not axis.get_visible():
            yield from axis.findobj(Text)
            continue
        low, high = sorted(axis.get_view_interval())
        room = 1e-9 * (high - low)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            if not low - room <= tick.get_loc() <= high + room:
                yield tick.label1
                yield tick.label2


def _overlaps(texts: list[tuple[Text, Bbox]], scale: float) -> Iterator[str]:
    touch = _TOUCH * scale
    for (one, a), (two, b) in combinations(texts, 2):
        if _turned(one) or _turned(two):
            continue
        width = min(a.x1, b.x1) - max(a.x0, b.x0)
        height = min(a.y1, b.y1) - max(a.y0, b.y0)
        if width > touch and height > touch:
            yield f"{_told(one)} and {_told(two)} overlap"


def _turned(text: Text) -> bool:
    """Slanted: its box is larger than what it fills."""
    return text.get_rotation() % 90 > 1


def _beyond(texts: list[tuple[Text, Bbox]], page: Any) -> Iterator[str]:
    for text, box in texts:
        if box.x0 < page.x0 - 1 or box.x1 > page.x1 + 1:
            yield f"{_told(text)} leaves the page at a side"
        if box.y0 < page.y0 - 1 or box.y1 > page.y1 + 1:
            yield f"{_told(text)} leaves the page above or below"


def _small(texts: list[tuple[Text, Bbox]]) -> Iterator[str]:
    for text, _ in texts:
        if (size := float(text.get_fontsize())) < SMALLEST - 1e-6:
            yield f"{_told(text)} has {size:g} pt, less than {SMALLEST:g}"


def _told(text: Text) -> str:
    words = " ".join(text.get_text().split())
    return repr(words if len(words) <= 40 else f"{words[:37]}...")


# --- marks and lines ---------------------------------------------------------------------------
def _drawn(axes: Axes) -> Iterator[tuple[Artist, np.ndarray, float]]:
    """Lines and clouds of points that carry data: places in pixels, and half the size of a mark."""
    for line in axes.lines:
        if not line.get_visible() or _is_guide(line) or line.get_transform() != axes.transData:
            continue
        marked = line.get_marker() not in ("None", "none", "", " ", None)
        yield line, _pixels(axes, line.get_xydata()), line.get_markersize() / 2 if marked else 0.0
    for points in axes.collections:
        if isinstance(points, PathCollection) and points.get_visible() and not _is_guide(points):
            places: np.ndarray = np.ma.asarray(points.get_offsets()).filled(np.nan)
            if points.get_offset_transform() == axes.transData and len(places):
                size = float(np.sqrt(np.max(points.get_sizes(), initial=0.0))) / 2
                yield points, _pixels(axes, places), size


def _pixels(axes: Axes, places: Any) -> np.ndarray:
    """Finite places only."""
    values = np.asarray(places, dtype=float).reshape(-1, 2)
    with np.errstate(all="ignore"):
        pixels = axes.transData.transform(values[np.isfinite(values).all(1)])
    return pixels[np.isfinite(pixels).all(1)]


def _is_guide(artist: Artist) -> bool:
    return str(artist.get_gid() or "").startswith(GUIDE)


def _cut(axes: Axes, scale: float) -> Iterator[str]:
    frame = axes.bbox
    for artist, places, half in _drawn(axes):
        if not len(places) or not artist.get_clip_on():
            continue
        x, y = places.T
        out = np.maximum.reduce([frame.x0 - x, x - frame.x1, frame.y0 - y, y - frame.y1])
        if (lost := int((out > 0.5 * scale).sum())) and lost < len(places):
            yield f"{_named(axes, artist)}: {lost} of {len(places)} points lie outside the frame"
        # A mark may lose its edge, not its body.
        reach = 0.75 * half * scale
        if half and (cut := int(((out <= 0.5 * scale) & (out + reach > 0.5 * scale)).sum())):
            yield f"{_named(axes, artist)}: {cut} of {len(places)} marks are cut by the frame"


def _covered(axes: Axes, scale: float) -> Iterator[str]:
    """Data under a legend or a text of the panel."""
    renderer = cast(FigureCanvasAgg, axes.figure.canvas).get_renderer()
    above: list[tuple[str, Bbox]] = []
    for legend in axes.findobj(Legend):
        above.append(("the legend", legend.get_window_extent(renderer)))
    for text in axes.texts:
        if text.get_visible() and text.get_text().strip() and text.get_bbox_patch() is None:
            above.append((_told(text), text.get_window_extent(renderer)))
    for words, box in above:
        inner = box.padded(-_TOUCH * scale)
        if inner.width <= 0 or inner.height <= 0:
            continue
        for artist, places, _ in _drawn(axes):
            if any(map(inner.contains, *_along(artist, places).T)):
                yield f"{words} lies over {_named(axes, artist)}"


def _along(artist: Artist, places: np.ndarray) -> np.ndarray:
    """Places of the points; along a line of few points also between them."""
    joined = isinstance(artist, Line2D) and artist.get_linestyle() not in ("None", "none", "", " ")
    if not joined or not 2 <= len(places) <= 200:
        return places.reshape(-1, 2)
    steps = np.linspace(0, 1, 20, endpoint=False)[:, None, None]
    return ((1 - steps) * places[:-1] + steps * places[1:]).reshape(-1, 2)


def _faint(axes: Axes) -> Iterator[str]:
    for artist, places, _ in _drawn(axes):
        if not len(places):
            continue
        if isinstance(artist, Line2D):
            colours = [to_rgba(artist.get_color())]
            width = artist.get_linewidth()
        else:
            cloud = cast(PathCollection, artist)
            colours = [] if cloud.get_array() is not None else _inks(cloud)
            width = 1.0
        for colour in colours:
            solid = 1 - colour[3] * (1 - np.asarray(colour[:3]))
            # Many thin lines of one colour are seen as a band.
            if width >= 0.6 and colour[3] >= 0.3 and palette.contrast(solid) < FAINTEST:
                yield f"{_named(axes, artist)} is too faint on white"
                break


def _inks(points: PathCollection) -> list[Any]:
    """The stronger of face and rim of each mark: hollow ones are seen by their rim."""
    faces, rims = list(np.asarray(points.get_facecolor())), list(np.asarray(points.get_edgecolor()))
    if not rims or not np.any(points.get_linewidth()):
        return faces
    count = max(len(faces), len(rims))
    pairs = zip(np.resize(faces, (count, 4)), np.resize(rims, (count, 4)), strict=True)
    return [max(pair, key=palette.contrast) for pair in pairs] if faces else rims


def _named(axes: Axes, artist: Artist) -> str:
    name = artist.get_gid() or artist.get_label()
    panel = axes.get_title(loc="left") or axes.get_title() or axes.get_ylabel()
    return f"{name!s} in panel {' '.join(panel.split())!r}" if panel else str(name)


# --- axes --------------------------------------------------------------------------------------
def _unnamed(axes: Axes) -> Iterator[str]:
    if not axes.axison or axes.get_label() == "<colorbar>":
        return
    for axis, way in ((axes.xaxis, "x"), (axes.yaxis, "y")):
        labels = [text for text in _labels(axis) if text.strip()]
        if not labels or not axis.get_visible():
            continue
        if not _named_somewhere(axes, way):
            yield f"{_panel(axes)}: the {way} axis has ticks and no label"
        # Ticks that were set by hand count cells, layers or classes: as many as there are.
        by_hand = type(axis.get_major_locator()).__name__ == "FixedLocator"
        if not by_hand and len(labels) < 3 and all(map(_is_number, labels)):
            yield f"{_panel(axes)}: the {way} axis has {len(labels)} tick(s) with a label"


def _labels(axis: Axis) -> list[str]:
    low, high = sorted(axis.get_view_interval())
    room = 1e-9 * (high - low)
    ticks = (*axis.get_major_ticks(), *axis.get_minor_ticks())
    return [
        label.get_text()
        for tick in ticks
        if low - room <= tick.get_loc() <= high + room
        for label in (tick.label1, tick.label2)
        if label.get_visible()
    ]


def _is_number(label: str) -> bool:
    return any(letter.isdigit() for letter in label)


def _named_somewhere(axes: Axes, way: str) -> bool:
    """Its own label, that of a panel further out in its row or column, or one for all."""
    if (axes.get_xlabel() if way == "x" else axes.get_ylabel()).strip():
        return True
    part = axes.get_figure()
    for one in (part, axes.figure):
        if one is not None and getattr(one, f"_sup{way}label", None) is not None:
            return True
    own = axes.get_subplotspec()
    if own is None:
        return False
    for other in axes.figure.axes:
        spot = other.get_subplotspec()
        if other is axes or spot is None or spot.get_gridspec() is not own.get_gridspec():
            continue
        if way == "x" and spot.colspan.start == own.colspan.start and other.get_xlabel():
            return True
        if way == "y" and spot.rowspan.start == own.rowspan.start and other.get_ylabel():
            return True
    return False


def _panel(axes: Axes) -> str:
    title = axes.get_title(loc="left") or axes.get_title()
    if title:
        return f"panel {' '.join(title.split())!r}"
    return f"panel {axes.figure.axes.index(axes) + 1}"
