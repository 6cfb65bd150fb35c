"""Figures at the widths of journals: what a referee would send back of them."""

from __future__ import annotations

import pytest

from layeratlas import papers
from layeratlas.figures import style
from layeratlas.figures.faults import faults

WIDTHS = pytest.mark.parametrize("width", [style.PAGE, style.COLUMN], ids=["page", "column"])


def check_rendered(name: str, cubes, references=None, *, width: float) -> None:
    """The figure of that name has no fault over one column, or two."""
    figure = papers.draw(name, cubes, references, width=width)
    assert figure.get_size_inches()[0] == width
    assert faults(figure) == []
