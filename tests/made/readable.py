"""Figures read back: their words, lines and panels; and whether a person could read them."""

from __future__ import annotations

import io
from itertools import combinations

import pytest
from matplotlib.axis import Axis
from matplotlib.lines import Line2D
from matplotlib.text import Text

from layeratlas.figures import style


def panels(figure):
    """Axes that hold a panel, without the colour bars."""
    return [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]


def labels(axis: Axis) -> list[str]:
    """Labels of the ticks."""
    return [label.get_text() for label in axis.get_ticklabels()]


def line(axes, gid: str) -> Line2D:
    """The one line of that id."""
    (found,) = (line for line in axes.lines if line.get_gid() == gid)
    return found


def plain(text: str) -> str:
    """One line of ordinary spaces."""
    return " ".join(text.split()).replace("\u00a0", " ").replace("\u2009", " ")


def note(figure) -> str:
    """The caption line under the figure."""
    (text,) = figure.findobj(match=lambda artist: artist.get_gid() == "note")
    return plain(text.get_text())


def words(figure) -> str:
    """All texts of a figure or of one of its axes."""
    return plain(" ".join(text.get_text() for text in figure.findobj(Text)))


def drawn(figure) -> bytes:
    """The figure as SVG."""
    file = io.BytesIO()
    with style.context(**{"svg.hashsalt": "test"}):
        figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


def visible_texts(figure):
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    beyond = set()  # labels of ticks outside the axes are never drawn
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        low, high = sorted(axis.get_view_interval())
        room = 1e-9 * (high - low)
        for tick in axis.get_major_ticks():
            if not low - room <= tick.get_loc() <= high + room:
                beyond |= {tick.label1, tick.label2}
    for text in set(figure.findobj(Text)) - beyond:
        if text.get_visible() and text.get_text().strip():
            box = text.get_window_extent(renderer)
            if box.width and box.height:
                yield text.get_text(), box


def check_readable(figure):
    texts = list(visible_texts(figure))
    assert len(texts) > 5
    page = figure.bbox
    for (one, a), (two, b) in combinations(texts, 2):
        width = min(a.x1, b.x1) - max(a.x0, b.x0)
        height = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert width <= 1 or height <= 1, f"{one!r} and {two!r} overlap"
    for text, box in texts:
        inside = (
            box.x0 >= page.x0 - 1
            and box.x1 <= page.x1 + 1
            and box.y0 >= page.y0 - 1
            and box.y1 <= page.y1 + 1
        )
        assert inside, f"{text!r} leaves the page"


@pytest.fixture(scope="session")
def assert_readable():
    """`assert_readable(figure)`: no two texts overlap and none leaves the page."""
    return check_readable
