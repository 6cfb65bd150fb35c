"""Tables: the same cells drawn, as LaTeX and as Markdown."""

from __future__ import annotations

import pytest

from layeratlas.figures.table import Table, draw

TABLE = Table(
    title="Spreads & rates",
    header=("", "input", r"$S_{L-1}$"),
    groups=[[["MF+µP", r"$1/\sqrt{d}$", "−0.5"], ["50 %", "σ_1", "+0.2"]], [["η", "β √L", "≈ 1"]]],
    note="n = 3 draws, depths 5–40.",
)


def test_markdown_is_a_pipe_table():
    lines = [line for line in TABLE.to_markdown().splitlines() if line.startswith("|")]
    assert lines[1] == "| --- | --- | --- |"
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert cells[0] == list(TABLE.header)
    assert cells[2:] == [list(row) for row in TABLE.rows]
    assert TABLE.to_markdown().startswith("**Spreads & rates**\n")


def test_latex_escapes_text_and_leaves_formulas():
    text = TABLE.to_latex()
    assert text.isascii()
    assert r"\caption{Spreads \& rates. n = 3 draws, depths 5--40.}" in text
    assert r"MF+$\mu$P & $1/\sqrt{d}$ & $-$0.5 \\" in text
    assert r"50 \% & $\sigma$\_1 & +0.2 \\" in text
    assert r"$\eta$ & $\beta$ $\surd$L & $\approx$ 1 \\" in text
    assert r"& $S_{L-1}$ \\" in text
    # One line under the header, one between the groups.
    assert text.count(r"\midrule") == 2
    assert text.count(r" \\") == 4


def test_it_is_drawn_with_a_line_above_every_group_and_below():
    figure = draw(TABLE)
    (axes,) = figure.axes
    (drawn,) = axes.tables
    cells = {at: cell.get_text().get_text() for at, cell in drawn.get_celld().items()}
    for i, row in enumerate((TABLE.header, *TABLE.rows)):
        assert [cells[i, j] for j in range(3)] == list(row)
    heights = [line.get_ydata()[0] for line in axes.lines]
    assert heights == pytest.approx([1, 1 - 1 / 4, 1 - 3 / 4, 0])
    assert sum(cell.get_width() for (row, _), cell in drawn.get_celld().items() if row == 0) == (
        pytest.approx(1)
    )
