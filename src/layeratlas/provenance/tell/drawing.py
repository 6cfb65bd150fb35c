"""A lineage drawn as SVG: the file on top, what it was made from below, in layers.

Written by hand: text stays text, the same lineage gives the same bytes, and nothing beyond the
standard library is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from layeratlas.provenance.tell.grouping import Group, facts, grouped, title
from layeratlas.words import named

if TYPE_CHECKING:
    import pandas as pd

WIDTH, LINE, GAP_X, GAP_Y, MARGIN = 290, 16, 24, 56, 20
# Fill and edge by kind; colour-blind-safe, and every box also says what it is.
_COLOURS = {
    "prepare_dataset": ("#e3eefa", "#0072b2"),
    "train": ("#fdf0d5", "#b37400"),
    "measure": ("#e0f2ec", "#00795a"),
    "simulate": ("#fdf0d5", "#b37400"),
    "probe": ("#fdf0d5", "#b37400"),
    "assemble_cube": ("#f7e6f0", "#a8487b"),
    "assemble_points": ("#f7e6f0", "#a8487b"),
    "fit_springs": ("#f7e6f0", "#a8487b"),
    "reduce_cubes": ("#f7e6f0", "#a8487b"),
}
_OTHER = ("#f2f2f2", "#555555")


def to_svg(table: pd.DataFrame) -> str:
    """The lineage `table` as the text of an SVG file."""
    groups = grouped(table)
    lines = [[title(table, group), *facts(table, group)] for group in groups]
    layers: dict[int, list[int]] = {}
    for i, group in enumerate(groups):
        layers.setdefault(group.depth, []).append(i)
    _sort(layers, groups)
    width = MARGIN * 2 + max(len(layer) for layer in layers.values()) * (WIDTH + GAP_X) - GAP_X
    corners: dict[int, tuple[float, float]] = {}
    heights = {i: (len(text) + 1) * LINE for i, text in enumerate(lines)}
    y = float(MARGIN)
    for depth in sorted(layers):
        layer = layers[depth]
        x = (width - len(layer) * (WIDTH + GAP_X) + GAP_X) / 2
        for i in layer:
            corners[i] = (x, y)
            x += WIDTH + GAP_X
        y += max(heights[i] for i in layer) + GAP_Y
    height = y - GAP_Y + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" font-family="Helvetica, Arial, sans-serif" '
        'font-size="11.5">',
        f"<title>{escape('Lineage of ' + named(str(table['path'][0])))}</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        '<defs><marker id="to" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0.5 L7.5 4 L0 7.5 Z" fill="#777777"/>'
        "</marker></defs>",
    ]
    for i, group in enumerate(groups):
        parts += [_arrow(corners[i], corners[user], heights[user]) for user in group.used_by]
    for i in range(len(groups)):
        rule = table["rule"][groups[i].rows[0]]
        parts += _box(corners[i], heights[i], lines[i], len(groups[i].rows) > 1, rule)
    return "\n".join([*parts, "</svg>", ""])


def _sort(layers: dict[int, list[int]], groups: list[Group]) -> None:
    """Under their users, as far as possible, so that few arrows cross."""
    place: dict[int, float] = {}
    for depth in sorted(layers):
        layer = layers[depth]

        def middle(i: int) -> float:
            known = [place[user] for user in groups[i].used_by if user in place]
            return sum(known) / len(known) if known else 0.0

        layer.sort(key=lambda i: (middle(i), i))
        for position, i in enumerate(layer):
            # From the middle: layers are centred.
            place[i] = position - (len(layer) - 1) / 2


def _arrow(source: tuple[float, float], user: tuple[float, float], height: float) -> str:
    x0, y0 = source[0] + WIDTH / 2, source[1]
    x1, y1 = user[0] + WIDTH / 2, user[1] + height
    bend = min(GAP_Y, (y0 - y1) / 2)
    return (
        f'<path d="M{x0:g} {y0:g} C{x0:g} {y0 - bend:g} {x1:g} {y1 + bend:g} {x1:g} {y1:g}" '
        'fill="none" stroke="#777777" stroke-width="1.2" marker-end="url(#to)"/>'
    )


def _box(
    corner: tuple[float, float], height: float, lines: list[str], many: bool, rule: str | None
) -> list[str]:
    x, y = corner
    fill, edge = _COLOURS.get(rule or "", _OTHER)
    dashes = "" if rule else ' stroke-dasharray="4 3"'
    # A second outline behind says "many".
    offsets = (5, 0) if many else (0,)
    parts = [
        f'<rect x="{x + o:g}" y="{y + o:g}" width="{WIDTH}" height="{height:g}" rx="5" '
        f'fill="{fill}" stroke="{edge}" stroke-width="1.3"{dashes}/>'
        for o in offsets
    ]
    for n, line in enumerate(lines):
        weight = ' font-weight="bold"' if n == 0 else ' fill="#333333"'
        text = line if len(line) <= 46 else line[:45] + "…"
        parts.append(
            f'<text x="{x + 10:g}" y="{y + LINE * (n + 1.2):g}"{weight}>{escape(text)}</text>'
        )
    return parts
