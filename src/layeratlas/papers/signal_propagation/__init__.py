"""Feature learning and signal propagation (Lou, Mingard, Nam and Hayou).

The alignment hierarchy of a network's layers, and the Equilibrium Hypothesis about its peak.
`profiles` reads a number of every layer from a cube, `shape` says whether a profile rises and
falls, `equilibrium` where forward and backward information are in balance; `figures` and `claims`
mirror each other, a module an idea. The full text was not read: what is the paper's word, what is
read off its released scripts, what is derived or chosen here, captions and notes say. Here: the
table of the paper's figures. Light to import: the workflow reads it at every start.
"""

from __future__ import annotations

from layeratlas.figures.entry import FigureEntry
from layeratlas.papers.signal_propagation.source import PREPRINT, REFERENCE

__all__ = ["FIGURES", "REFERENCE"]

_ROOM = "layeratlas.papers.signal_propagation"


def _entry(
    name: str,
    module: str,
    experiments: tuple[str, ...],
    title: str,
    caption: str,
    *,
    paper: str = PREPRINT,
    table: bool = False,
    costly: bool | tuple[str, ...] = False,
) -> FigureEntry:
    """A figure drawn and judged by functions of its name, in `module` of `figures` and `claims`.

    A `table` is made by the function `<name>_table` beside the drawing.
    """
    return FigureEntry(
        name=name,
        function=f"{_ROOM}.figures.{module}:{name}",
        claims=f"{_ROOM}.claims.{module}:{name}",
        experiments=experiments,
        paper=paper,
        title=title,
        caption=caption,
        table=f"{_ROOM}.figures.{module}:{name}_table" if table else None,
        costly=costly,
    )


FIGURES: tuple[FigureEntry, ...] = (
    _entry(
        "signal_propagation",
        "initialisation",
        ("signal_propagation",),
        "Signals before training",
        "What is left of the difference between two images forward, and of the likeness of their "
        "cotangents backward, in ReLU networks at initialisation: networks of several widths, and "
        "the recursion of infinite width, derived here.",
        costly=("laptop", "paper"),
    ),
    _entry(
        "phase_comparison",
        "phases",
        ("phase_comparison",),
        "Ordered, critical and chaotic networks",
        "Where forward and backward information are in balance in tanh networks of three spreads "
        "of initial weights, and the alignment of their layers before and after training. Beyond "
        "the paper's runs.",
        costly=("laptop", "paper"),
    ),
)
