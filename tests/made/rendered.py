"""Figures at the widths of journals: what a referee would send back of them."""

from __future__ import annotations

from matplotlib.figure import Figure

from layeratlas import papers
from layeratlas.figures import style, widths
from layeratlas.figures.faults import faults


def check_rendered(name: str, cubes, references=None, *, width: float) -> Figure:
    """The figure of that name, which has no fault over one column, or two."""
    figure = papers.draw(name, cubes, references, width=width)
    assert figure.get_size_inches()[0] == width
    found = faults(figure)
    assert not found, "\n".join(found)
    return figure


def check_at_both_widths(name: str, cubes, references=None) -> Figure:
    """As `check_rendered` over one column and over two, of a figure that is drawn once.

    The width that suits it comes first: it is the one that users meet.
    """
    figure = papers.draw(name, cubes, references)
    natural = figure.get_size_inches()[0]
    found = {}
    for width in sorted((style.PAGE, style.COLUMN), key=lambda w: abs(w - natural)):
        if papers.FIGURES[name].table:
            figure = papers.draw(name, cubes, references, width=width)
        found[width] = faults(widths.fit(figure, width))
    assert found == {style.PAGE: [], style.COLUMN: []}, found
    return figure
