"""Figures at the widths of journals: what a referee would send back of them."""

from __future__ import annotations

from matplotlib.figure import Figure

from layeratlas import papers
from layeratlas.figures import style, widths
from layeratlas.figures.faults import faults
from made.often import often


def check_rendered(name: str, cubes, references=None, *, width: float) -> Figure:
    """The figure of that name, which has no fault over one column, or two."""
    figure = papers.draw(name, cubes, references, width=width)
    assert figure.get_size_inches()[0] == width
    found = faults(figure)
    assert not found, "\n".join(found)
    return figure


#: How many widths of a journal a figure is looked at: the one that suits it, which users meet, at
#: every change; the other too before a release.
WIDTHS = often([1, 2], 1)


def check_at_widths(number: int, name: str, cubes, references=None) -> Figure:
    """As `check_rendered` over one column or two, or `number` 2 both, of a figure drawn once."""
    figure = papers.draw(name, cubes, references)
    natural = figure.get_size_inches()[0]
    found = {}
    for width in sorted((style.PAGE, style.COLUMN), key=lambda w: abs(w - natural))[:number]:
        if papers.FIGURES[name].table:
            figure = papers.draw(name, cubes, references, width=width)
        found[width] = faults(widths.fit(figure, width))
    assert not any(found.values()), found
    return figure
