"""The visible mark: the first digits of a figure's identity, as text in the figure.

Metadata go where a page is printed, drawn anew or turned into pixels; text that is seen stays.
`layeratlas lineage 3f9a2c7` asks by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from matplotlib.layout_engine import ConstrainedLayoutEngine

from layeratlas.figures import style
from layeratlas.figures.identity import mark_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARK = "mark"
"""Id of a mark that stands alone."""
_SIZE = 6.0
_SHOWN = re.compile(r"\s*Layer\s+Atlas\s+[0-9a-f]{7}$")


def mark(figure: Figure, identity: Mapping[str, str]) -> None:
    """Write the mark of `identity` at the end of the figure's note, in place of an earlier one.

    A figure without the project's layout cannot make room: its mark stands in the lower right
    corner. Without an identity there is no mark.
    """
    for text in list(figure.texts):
        if text.get_gid() == MARK:
            text.remove()
        elif text.get_gid() == style.NOTE:
            text.set_text(_SHOWN.sub("", text.get_text()))
    if not identity:
        return
    # It is read as one thing: no line ends inside.
    shown = mark_text(identity).replace(" ", "\N{NO-BREAK SPACE}")
    if isinstance(figure.get_layout_engine(), ConstrainedLayoutEngine):
        style.add_to_note(figure, shown)
        return
    width, height = figure.get_size_inches()
    with style.context():
        figure.text(
            1 - 0.1 / width, 0.03 / height, shown,
            fontsize=_SIZE, color="0.25", ha="right", va="bottom", gid=MARK,
        )  # fmt: skip
